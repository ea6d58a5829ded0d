using System.Runtime.CompilerServices;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>
/// A convolution as products of matrices: six pixels are the rows, 32 output channels the columns, and the channels of a tap what is summed
/// over. A sum begins with the bias and takes one product after the other, fused: along rows and columns of the window, and input
/// channels. Padding is 0. Nothing is rearranged: a row is where its pixel's channels lie. A unit is some pixels, a block 32 channels.
/// </summary>
internal sealed unsafe class PixelConvolution : PixelKernel
{
    private const int GroupsPerUnit = 4, PixelsPerUnit = GroupsPerUnit * FloatProducts.Rows, Columns = FloatProducts.Columns;

    private readonly Window _window;
    private readonly int _groups, _perIn, _perOut, _taps;
    private readonly NativeBuffer _weights, _bias, _zeros;

    /// <summary>Packs the weights, which are output channel × input channel of the group × window row × window column.</summary>
    public PixelConvolution(Window window, int groups, (int Inputs, int Outputs) channels, Tensor weights, ReadOnlySpan<float> bias,
        KernelResources resources)
    {
        (_window, _groups, _perIn, _perOut) = (window, groups, channels.Inputs / groups, channels.Outputs / groups);
        _taps = window.KernelHeight * window.KernelWidth;
        _weights = resources.Model.Once(weights, (nameof(PixelConvolution), groups), () => Packed(weights.Span<float>(),
            resources.Model.Own(new NativeBuffer(Blocks * FloatsPerBlock * sizeof(float)))));
        _bias = resources.Own(new NativeBuffer((long)Blocks * Columns * sizeof(float)));
        _zeros = resources.Own(new NativeBuffer((long)window.KernelWidth * _perIn * sizeof(float)));
        for (var output = 0; output < bias.Length; output++)
        {
            var (block, column) = ColumnOf(output);
            _bias.Span<float>()[block * Columns + column] = bias[output];
        }
    }

    public override string Name => FloatProducts.All.Choose(Set).Name;

    public override int Units => Sizes.CeilDiv(checked(Output.Images * Output.Height * Output.Width), PixelsPerUnit);

    public override int Blocks => _groups * BlocksPerGroup;

    public override int ScratchBytes => FloatProducts.Rows * Columns * sizeof(float);

    public override long WeightBytes => _weights.Length + _bias.Length;

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("weights", _weights, Blocks * FloatsPerBlock * sizeof(float)),
        ConstantReach.Of("biases", _bias, (long)Blocks * Columns * sizeof(float)),
        ConstantReach.Of("zeros", _zeros, (long)_perIn * sizeof(float)),
    ];

    private long FloatsPerBlock => (long)_taps * _perIn * Columns;

    private int BlocksPerGroup => Sizes.CeilDiv(_perOut, Columns);

    // The pixels of a row of the window follow each other without a gap.
    private bool HasWholeRows => _groups == 1 && _window.DilationX == 1 && Input.Strides.Pixel == _perIn * sizeof(float);

    public override void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var pixels = Output.Images * Output.Height * Output.Width;
        var places = stackalloc PixelPlace[PixelsPerUnit];
        Span<bool> areInside = stackalloc bool[GroupsPerUnit];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (first, count) = (unit * PixelsPerUnit, Math.Min(PixelsPerUnit, pixels - unit * PixelsPerUnit));
            for (var group = 0; group * FloatProducts.Rows < count; group++)
            {
                var offset = group * FloatProducts.Rows;
                areInside[group] = Find(input, output, first + offset, CountOf(group, count), places + offset);
            }
            // The weights of a block are in the second cache while all pixels of the unit meet them.
            for (var block = blockStart; block < blockEnd; block++)
                for (var group = 0; group * FloatProducts.Rows < count; group++)
                    Block(places + group * FloatProducts.Rows, CountOf(group, count), areInside[group], block, (float*)scratch);
        }

        static int CountOf(int group, int count) => Math.Min(FloatProducts.Rows, count - group * FloatProducts.Rows);
    }

    /// <summary>Where the windows of some pixels begin; and whether all of them are inside of the image.</summary>
    private bool Find(byte* input, byte* output, int pixel, int count, PixelPlace* places)
    {
        var (row, x) = Math.DivRem(pixel, Output.Width);
        var (image, y) = Math.DivRem(row, Output.Height);
        var areInside = true;
        for (var r = 0; r < count; r++)
        {
            var (top, left) = (y * _window.StrideY - _window.Top, x * _window.StrideX - _window.Left);
            places[r] = new() { Top = top, Left = left, From = input + image * Input.Strides.Image, To = output + Output.At(image, y, x) };
            areInside &= top >= 0 && left >= 0 && top + (_window.KernelHeight - 1) * _window.DilationY < Input.Height
                && left + (_window.KernelWidth - 1) * _window.DilationX < Input.Width;
            if (++x < Output.Width) continue;
            x = 0;
            if (++y == Output.Height) (image, y) = (image + 1, 0);
        }
        // Rows that there are not compute the last one again, for nobody.
        for (var r = count; r < FloatProducts.Rows; r++) places[r] = places[count - 1];
        return areInside;
    }

    private void Block(PixelPlace* places, int count, bool areInside, int block, float* sums)
    {
        var (group, own) = Math.DivRem(block, BlocksPerGroup);
        var bias = (float*)_bias.Start + (long)block * Columns;
        for (var r = 0; r < FloatProducts.Rows; r++) new ReadOnlySpan<float>(bias, Columns).CopyTo(new Span<float>(sums + r * Columns, Columns));
        var panel = (float*)_weights.Start + block * FloatsPerBlock;
        Products(places, (long)group * _perIn * sizeof(float), areInside, panel, sums);
        var channels = Math.Min(Columns, _perOut - own * Columns);
        var first = (group * _perOut + own * Columns) * sizeof(float);
        for (var r = 0; r < count; r++) new ReadOnlySpan<float>(sums + r * Columns, channels).CopyTo(new Span<float>(places[r].To + first, channels));
    }

    private void Products(PixelPlace* places, long offset, bool areInside, float* panel, float* sums)
    {
        var kernel = FloatProducts.For(Set);
        var rows = stackalloc float*[FloatProducts.Rows];
        var isWhole = areInside && HasWholeRows;
        var (taps, inner) = isWhole ? (1, _window.KernelWidth * _perIn) : (_window.KernelWidth, _perIn);
        for (var ky = 0; ky < _window.KernelHeight; ky++)
        {
            for (var kx = 0; kx < taps; kx++, panel += (long)inner * Columns)
            {
                for (var r = 0; r < FloatProducts.Rows; r++)
                {
                    var (iy, ix) = (places[r].Top + ky * _window.DilationY, places[r].Left + kx * _window.DilationX);
                    rows[r] = areInside || ((uint)iy < (uint)Input.Height && (uint)ix < (uint)Input.Width)
                        ? (float*)(places[r].From + (long)iy * Input.Strides.Row + (long)ix * Input.Strides.Pixel + offset) : (float*)_zeros.Start;
                }
                kernel(rows, 1, panel, inner, sums);
            }
        }
    }

    private (int Block, int Column) ColumnOf(int output)
    {
        var (group, own) = Math.DivRem(output, _perOut);
        return (group * BlocksPerGroup + own / Columns, own % Columns);
    }

    // Runs once, over every weight: compiled at once rather than after it is known to be slow.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private NativeBuffer Packed(ReadOnlySpan<float> weights, NativeBuffer buffer)
    {
        var packed = buffer.Span<float>();
        for (var output = 0; output < _groups * _perOut; output++)
        {
            var (block, column) = ColumnOf(output);
            for (var input = 0; input < _perIn; input++)
                for (var tap = 0; tap < _taps; tap++)
                    packed[((block * _taps + tap) * _perIn + input) * Columns + column] = weights[(output * _perIn + input) * _taps + tap];
        }
        return buffer;
    }

    private struct PixelPlace
    {
        public int Top, Left;
        public byte* From, To;
    }
}
