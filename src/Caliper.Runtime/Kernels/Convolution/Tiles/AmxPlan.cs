using Caliper.Assembly;

namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>How the output of one convolution is cut: pixels into tiles and these into groups, channels into blocks.</summary>
/// <param name="Line">How pixels are seen.</param>
/// <param name="Rows">Pixels of a tile.</param>
/// <param name="Tiles">Tiles of pixels that are computed at one time.</param>
/// <param name="Vectors">Vectors of 16 output channels that are computed at one time.</param>
internal readonly record struct AmxPlan(PixelLine Line, int Rows, int Tiles, int Vectors)
{
    // What the eight tiles have room for: the sums, the pixels, and at least one of weights.
    private static readonly (int Tiles, int Vectors)[] Sizes = [(2, 2), (1, 4), (1, 3), (3, 1), (2, 1), (1, 2), (1, 1)];

    /// <summary>Tiles of an image.</summary>
    public int TilesOfImage => Line.Lines * Line.TilesOf(Rows);

    /// <summary>Groups of an image. The last may have tiles that are computed in vain.</summary>
    public int Groups => (TilesOfImage + Tiles - 1) / Tiles;

    /// <summary>Pixels of a group.</summary>
    public int PixelsOfGroup => Tiles * Rows;

    /// <summary>Blocks in which all channels of all vectors exist.</summary>
    public int FullBlocks(int channels) => channels / (16 * Vectors);

    /// <summary>Vectors of the last block, or 0 where nothing is left.</summary>
    public int LastVectors(int channels) => (channels % (16 * Vectors) + 15) / 16;

    /// <summary>The tile of sums of pixels and channels.</summary>
    public int Sums(int tile, int vector) => tile * Vectors + vector;

    /// <summary>The tile of pixels.</summary>
    public int Pixels(int tile) => Tiles * Vectors + tile;

    /// <summary>The tile of weights; where there are not enough, they take turns.</summary>
    public int Weights(int vector)
    {
        var first = Tiles * Vectors + Tiles;
        return first + vector % (CodeWriter.TileCount - first);
    }

    /// <summary>What the tile unit is told.</summary>
    public byte[] Shape()
    {
        Span<int> rows = stackalloc int[CodeWriter.TileCount];
        rows[..(Tiles * Vectors + Tiles)].Fill(Rows);
        rows[(Tiles * Vectors + Tiles)..].Fill(CodeWriter.TileRows);
        return TileShape.Of(rows);
    }

    /// <inheritdoc/>
    public override string ToString() => Tiles == 1 ? $"{Rows}x{16 * Vectors}" : $"{Tiles}x{Rows}x{16 * Vectors}";

    /// <summary>All plans of a layer.</summary>
    public static IEnumerable<AmxPlan> All(ConvolutionShape shape) =>
        from line in PixelLine.Of(shape)
        from rows in Enumerable.Range(1, Math.Min(CodeWriter.TileRows, line.Length)).Reverse()
        from size in Sizes
        where size.Vectors <= (shape.OutputChannels + 15) / 16
        select new AmxPlan(line, rows, size.Tiles, size.Vectors);

    /// <summary>The cheapest plan, by the model of <see cref="AmxCost"/>.</summary>
    public static AmxPlan Cheapest(ConvolutionShape shape, AmxCost cost) =>
        All(shape).MinBy(plan => cost.Cycles(plan, shape.OutputChannels));
}
