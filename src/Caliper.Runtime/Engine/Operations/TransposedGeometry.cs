using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Operations;

/// <summary>What a transposed convolution is without its numbers.</summary>
/// <param name="Rows">The axis of rows; <see cref="TransposedAxis.None"/> where there is one spatial axis.</param>
/// <param name="Columns">The axis of pixels.</param>
/// <param name="Groups">Channels are in so many groups, each reading and writing its share.</param>
/// <param name="Inputs">Channels read.</param>
/// <param name="Outputs">Channels written.</param>
internal sealed record TransposedGeometry(TransposedAxis Rows, TransposedAxis Columns, int Groups, int Inputs, int Outputs)
{
    // Channels that the kernels compute at once: fewer cost as much.
    private const int Lanes = 16;

    /// <summary>Channels read by each output.</summary>
    public int InputsOfGroup => Inputs / Groups;

    /// <summary>Channels written of a group.</summary>
    public int OutputsOfGroup => Outputs / Groups;

    /// <summary>Whether each output channel reads the one input channel of the same index.</summary>
    public bool IsDepthwise => Groups > 1 && Groups == Inputs && Groups == Outputs;

    /// <summary>Taps of the window.</summary>
    public int Taps => Rows.Kernel * Columns.Kernel;

    /// <summary>Multiplications that count: of each input with each tap.</summary>
    public long MultiplyAdds(int images) => (long)images * Rows.Input * Columns.Input * Inputs * OutputsOfGroup * Taps;

    /// <summary>What reports call it, such as <c>transposed 2x2/2</c>.</summary>
    public string Kind
    {
        get
        {
            var sizes = $"{Rows.Kernel}x{Columns.Kernel}" + (Rows.Stride == 1 && Columns.Stride == 1 ? "" : $"/{Columns.Stride}");
            return (IsDepthwise ? "depthwise transposed " : Groups > 1 ? $"transposed in {Groups} groups " : "transposed ") + sizes;
        }
    }

    /// <summary>The phases along the rows' pixels of which one convolution each is made: those side by side in the output as one, where
    /// that is less work.</summary>
    /// <param name="areTouching">Whether a pixel of the output begins where the one before it ends.</param>
    public TransposedPhase[][] ColumnParts(bool areTouching)
    {
        var alone = Columns.Phases();
        if (areTouching && Groups == 1 && Columns.Joined() is { } joined
            && joined[0].Taps.Length * Filled(Outputs * joined.Length) <= alone.Sum(p => p.Taps.Length) * Filled(Outputs)) return [joined];
        return [.. alone.Select(p => new[] { p })];

        static int Filled(int channels) => Sizes.CeilDiv(channels, Lanes) * Lanes;
    }

    /// <summary>Where the weight of a tap lies among those of the file, which are input × output of the group × rows × columns; below 0 for
    /// a tap that there is not.</summary>
    public int WeightAt(int output, int input, int row, int column)
    {
        if (row == TransposedPhase.NoTap || column == TransposedPhase.NoTap) return -1;
        var (group, own) = Math.DivRem(output, OutputsOfGroup);
        return (((group * InputsOfGroup) + input) * OutputsOfGroup + own) * Taps + row * Columns.Kernel + column;
    }

    /// <summary>The border around the input that the phases reach into.</summary>
    public Border Border(byte value)
    {
        var ((top, bottom), (left, right)) = (Beyond(Rows), Beyond(Columns));
        return new(top, left, bottom, right, value);

        (int Before, int After) Beyond(TransposedAxis axis)
        {
            var phases = Groups == 1 && axis.Joined() is { } joined ? [.. axis.Phases(), .. joined] : axis.Phases();
            return (Math.Max(0, phases.Max(p => -p.At)), Math.Max(0, phases.Max(p => p.End) - axis.Input));
        }
    }

    /// <summary>The pixels of a plane that two phases make.</summary>
    public (PlaneStrides Strides, long Offset) Lattice(PlaneStrides plane, TransposedPhase row, TransposedPhase column)
    {
        var strides = new PlaneStrides(checked(plane.Pixel * Columns.Stride), checked(plane.Row * Rows.Stride), plane.Image);
        return (strides, (long)row.First * plane.Row + (long)column.First * plane.Pixel);
    }
}
