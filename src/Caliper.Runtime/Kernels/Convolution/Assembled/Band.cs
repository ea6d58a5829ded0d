namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>
/// One or a few whole output rows, cut into tiles from left to right: <see cref="WideTiles"/> of <see cref="Columns"/> columns
/// and, where something is left, a narrower one of <see cref="LastColumns"/>. A tile is as high as its band.
/// </summary>
internal readonly record struct Band(int Rows, int Columns, int WideTiles, int LastColumns)
{
    /// <summary>How many tiles.</summary>
    public int Tiles => WideTiles + (LastColumns > 0 ? 1 : 0);

    /// <summary>The most pixels of a tile with so many vectors of 16 output channels each: sums take 28 of the 32 registers, the
    /// others hold weights and inputs, and what the epilogue needs.</summary>
    public static int MaxPixels(int vectors) => vectors == 4 ? 6 : 28 / vectors;

    /// <summary>A row of so many columns, cut into tiles of at most so many pixels, as even as possible.</summary>
    public static Band Across(int width, int maxPixels, int height)
    {
        var tiles = (width + maxPixels - 1) / maxPixels;
        var columns = (width + tiles - 1) / tiles;
        var rows = tiles == 1 ? Math.Clamp(maxPixels / columns, 1, height) : 1;
        return new Band(rows, columns, width / columns, width % columns);
    }
}
