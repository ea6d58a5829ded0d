namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// The walk of a depthwise convolution, whose output channels each read one input channel: the four products of a step are
/// those of four taps below each other. Groups of four window rows, then window columns.
/// </summary>
internal sealed record ColumnWalk(int KernelHeight, int KernelWidth, int RowStep, int TapStep, int DilationX, int StrideX) : Walk
{
    /// <summary>Rows that one step takes.</summary>
    public const int RowsOfStep = 4;

    public ColumnWalk(ConvolutionShape shape) : this(
        shape.KernelHeight, shape.KernelWidth, shape.DilationY * shape.Input.Row, shape.Input.Pixel, shape.DilationX, shape.StrideX)
    { }

    /// <summary>Groups of up to four window rows.</summary>
    public int Groups => (KernelHeight + RowsOfStep - 1) / RowsOfStep;

    /// <summary>Outputs of a row that are begun and not finished while columns are read from left to right.</summary>
    public int OutputsInFlight => (KernelWidth - 1) * DilationX / StrideX + 1;

    public override int Steps => Groups * KernelWidth;

    /// <summary>The step of a group of rows and a window column.</summary>
    public int Step(int group, int column) => group * KernelWidth + column;

    public override int WeightAt(int step, int byteOfStep)
    {
        var (group, column) = Math.DivRem(step, KernelWidth);
        var row = RowsOfStep * group + byteOfStep;
        return row < KernelHeight ? row * KernelWidth + column : -1;
    }

    // Channels are spread over four vectors by interleaving, however few they are.
    public override BlockLayout Layout(int vectors, bool inOrder) => new(4, Steps, InOrder: false);
}
