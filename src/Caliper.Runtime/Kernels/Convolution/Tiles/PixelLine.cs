namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>
/// Pixels of an image whose inputs lie at equal distances, as the rows of a tile must: an output row; or all rows, where the way from
/// row to row is a whole number of pixels. Then what lies between two rows, the border, is computed too and not stored.
/// </summary>
/// <param name="Lines">How many there are in an image.</param>
/// <param name="Length">Pixels of one.</param>
/// <param name="RowPitch">Pixels from the first of an output row to that of the next, on the same line.</param>
internal readonly record struct PixelLine(int Lines, int Length, int RowPitch)
{
    /// <summary>The ways to see a layer's pixels.</summary>
    public static IEnumerable<PixelLine> Of(ConvolutionShape shape)
    {
        yield return new PixelLine(shape.OutputHeight, shape.OutputWidth, shape.OutputWidth);
        var (row, pixel) = ((long)shape.StrideY * shape.Input.Row, (long)shape.StrideX * shape.Input.Pixel);
        if (shape.OutputHeight == 1 || pixel == 0 || row % pixel != 0 || row / pixel < shape.OutputWidth) yield break;
        var length = (shape.OutputHeight - 1) * (row / pixel) + shape.OutputWidth;
        if (length <= int.MaxValue) yield return new PixelLine(1, (int)length, (int)(row / pixel));
    }

    /// <summary>Tiles of one line. The last begins so early that it ends where the line does.</summary>
    public int TilesOf(int rows) => (Length + rows - 1) / rows;
}
