namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// The walk of a depthwise convolution, whose output channels each read one input channel: the four products of a quad are
/// those of four taps below each other. Groups of four window rows, then window columns. Where a quad has a row to spare, the output row below
/// reads the same four rows with weights that are one row lower: <paramref name="OutputRows"/>, each with quads of its own.
/// </summary>
/// <param name="KernelHeight">Rows of the window.</param>
/// <param name="KernelWidth">Its columns.</param>
/// <param name="RowStride">Bytes from one of its rows to the next; 0 where the code is told by the call.</param>
/// <param name="TapStride">Bytes from an input pixel to the next.</param>
/// <param name="DilationX">Input pixels from one column of the window to the next.</param>
/// <param name="StrideX">Input pixels from one output to the next.</param>
/// <param name="OutputRows">Output rows that are computed together, 1 or 2.</param>
internal sealed record ColumnWalk(
    int KernelHeight, int KernelWidth, int RowStride, int TapStride, int DilationX, int StrideX, int OutputRows) : Walk
{
    /// <summary>Rows that one quad takes.</summary>
    public const int RowsOfQuad = 4;

    public ColumnWalk(ConvolutionShape shape) : this(
        shape.KernelHeight, shape.KernelWidth, shape.DilationY * shape.Input.Row, shape.Input.Pixel, shape.DilationX, shape.StrideX, 1)
    {
        var touches = shape is { StrideY: 1, DilationY: 1, OutputHeight: > 1, KernelHeight: > 1 and < RowsOfQuad };
        if (touches && DepthwiseCode.Fits(this with { OutputRows = 2 })) OutputRows = 2;
    }

    /// <summary>Groups of up to four window rows.</summary>
    public int Groups => (KernelHeight + RowsOfQuad - 1) / RowsOfQuad;

    /// <summary>Outputs of a row that are begun and not finished while columns are read from left to right.</summary>
    public int OutputsInFlight => (KernelWidth - 1) * DilationX / StrideX + 1;

    public override int Quads => OutputRows * Groups * KernelWidth;

    /// <summary>The quad of an output row, a group of rows and a window column.</summary>
    public int Quad(int outputRow, int group, int column) => (outputRow * Groups + group) * KernelWidth + column;

    public override int WeightAt(int quad, int byteOfQuad)
    {
        var (rowAndGroup, column) = Math.DivRem(quad, KernelWidth);
        var (outputRow, group) = Math.DivRem(rowAndGroup, Groups);
        var row = RowsOfQuad * group + byteOfQuad - outputRow;
        return row >= 0 && row < KernelHeight ? row * KernelWidth + column : -1;
    }

    // Lanes of four bytes are brought into order by turning round four vectors, however few channels there are.
    public override BlockLayout Layout(int vectors, bool inOrder) => new(inOrder ? 4 : vectors, Quads, InOrder: false);
}
