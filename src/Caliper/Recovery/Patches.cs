using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>A spatial axis of an input under a convolution's kernel.</summary>
/// <param name="Length">Its length.</param>
/// <param name="Output">Length of the output's axis.</param>
/// <param name="Kernel">Length of the kernel.</param>
/// <param name="Stride">How far the kernel moves.</param>
/// <param name="Dilation">Distance of the elements it looks at.</param>
/// <param name="Before">Zeros before the first element.</param>
internal readonly record struct PatchAxis(int Length, int Output, int Kernel, int Stride, int Dilation, int Before);

/// <summary>The patches of one input.</summary>
internal readonly struct Patches
{
    private readonly Tensor _input;
    private readonly int _channels;
    private readonly PatchAxis _rows, _columns;

    /// <summary>Rows of a matrix.</summary>
    public Patches(Tensor input, int taps, int count)
    {
        (_input, _channels, Count) = (input, taps, count);
        _rows = _columns = new(1, 1, 1, 1, 1, 0);
    }

    /// <summary>Patches of images, each of so many channels.</summary>
    public Patches(Tensor input, int channels, PatchAxis rows, PatchAxis columns)
    {
        (_input, _channels, _rows, _columns) = (input, channels, rows, columns);
        Count = checked((int)input.Shape[0].Length * rows.Output * columns.Output);
    }

    /// <summary>How many there are of each group.</summary>
    public int Count { get; }

    /// <summary>Reads one patch.</summary>
    /// <param name="group">Whose.</param>
    /// <param name="index">Which one.</param>
    /// <param name="patch">As many numbers as there are taps: channel after channel.</param>
    public void Read(int group, int index, Span<float> patch)
    {
        var plane = _rows.Length * _columns.Length;
        var perSample = _input.Count / (Count / (_rows.Output * _columns.Output));
        var (sample, row, column) = (index / _columns.Output / _rows.Output, index / _columns.Output % _rows.Output, index % _columns.Output);
        var (top, left) = (row * _rows.Stride - _rows.Before, column * _columns.Stride - _columns.Before);
        var values = _input.Span<float>().Slice(sample * perSample + group * _channels * plane, _channels * plane);
        var at = 0;
        for (var first = 0; first < values.Length; first += plane)
        {
            for (var ky = 0; ky < _rows.Kernel; ky++)
            {
                var y = top + ky * _rows.Dilation;
                for (var kx = 0; kx < _columns.Kernel; kx++)
                {
                    var x = left + kx * _columns.Dilation;
                    var isInside = (uint)y < (uint)_rows.Length && (uint)x < (uint)_columns.Length;
                    patch[at++] = isInside ? values[first + y * _columns.Length + x] : 0;
                }
            }
        }
    }
}
