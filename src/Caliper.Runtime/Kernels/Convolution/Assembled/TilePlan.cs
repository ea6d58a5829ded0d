namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>How the output of one convolution is cut: images into bands, output channels into blocks.</summary>
/// <param name="Vectors">Vectors of 16 channels in a block.</param>
/// <param name="Band">The usual band.</param>
/// <param name="FullBands">Usual bands in an image.</param>
/// <param name="LastBand">What is left of an image below them; no rows where nothing is.</param>
/// <param name="FullBlocks">Blocks in which all channels of all vectors exist.</param>
/// <param name="LastVectors">Vectors of the last block, or 0 where nothing is left.</param>
internal readonly record struct TilePlan(int Vectors, Band Band, int FullBands, Band LastBand, int FullBlocks, int LastVectors)
{
    private const int MaxVectors = 4;

    // Long enough that the columns which two tiles both read weigh little, short enough to be written out.
    private const int MaxColumnTile = 16;

    /// <summary>Bands of an image, the last one included.</summary>
    public int Bands => FullBands + (LastBand.Rows > 0 ? 1 : 0);

    /// <summary>Blocks of output channels, the last one included.</summary>
    public int Blocks => FullBlocks + (LastVectors > 0 ? 1 : 0);

    /// <summary>Tiles are two halves whose products and epilogues overlap: <see cref="AlternatingCode"/>.</summary>
    public bool InHalves { get; init; }

    /// <summary>The usual tile: pixels by output channels.</summary>
    public override string ToString()
    {
        var pixels = Band.Rows * Band.Columns;
        return InHalves ? $"{(pixels + 1) / 2}+{pixels / 2}x{16 * Vectors}" : $"{pixels}x{16 * Vectors}";
    }

    /// <summary>The cheapest plan, by the model of <see cref="TileCost"/>.</summary>
    /// <param name="plane">The output image.</param>
    /// <param name="channels">Output channels.</param>
    /// <param name="cost">What tiles cost.</param>
    /// <param name="mayHalve">Whether tiles in two halves are possible.</param>
    public static TilePlan Cheapest(OutputPlane plane, int channels, TileCost cost, bool mayHalve)
    {
        var (cheapest, least) = (default(TilePlan), double.PositiveInfinity);
        for (var vectors = 1; vectors <= Math.Min(MaxVectors, (channels + 15) / 16); vectors++)
        {
            for (var halves = 0; halves < (mayHalve ? 2 : 1); halves++)
            {
                for (var pixels = MaxPixels(vectors, halves == 1); pixels > 0; pixels--)
                {
                    var plan = Create(plane, channels, vectors, pixels, halves == 1);
                    if (plan.InHalves == (halves == 1) && plan.Cycles(cost) is var cycles && cycles < least) (cheapest, least) = (plan, cycles);
                }
            }
        }
        return cheapest;
    }

    /// <summary>The most pixels that a tile may have.</summary>
    public static int MaxPixels(int vectors, bool inHalves) => inHalves ? AlternatingCode.Sums / vectors : Band.MaxPixels(vectors);

    // Each half needs a pixel, and a tile in halves has one row.
    private bool CanHalve => Band is { Rows: 1, Columns: > 1 } && LastBand.Rows <= 1 && LastBand is not { Columns: 1 };

    /// <summary>The plan with so many vectors in a block and at most so many pixels in a tile.</summary>
    public static TilePlan Create(OutputPlane plane, int channels, int vectors, int maxPixels, bool inHalves = false)
    {
        var fullBlocks = channels / (16 * vectors);
        var plan = plane.IsOneRow ? OfOneRow(plane.Width, maxPixels) : OfRows(plane, maxPixels);
        return plan with
        {
            Vectors = vectors,
            InHalves = inHalves && plan.CanHalve,
            FullBlocks = fullBlocks,
            LastVectors = (channels - fullBlocks * 16 * vectors + 15) / 16,
        };
    }

    private static TilePlan OfRows(OutputPlane plane, int maxPixels)
    {
        var band = Band.Across(plane.Width, maxPixels, plane.Height);
        var rows = plane.Height % band.Rows;
        return new TilePlan
        {
            Band = band,
            FullBands = plane.Height / band.Rows,
            LastBand = rows > 0 ? band with { Rows = rows } : default,
        };
    }

    // One long row of pixels, cut anywhere: each tile is a band, so that threads can share them.
    private static TilePlan OfOneRow(int width, int maxPixels)
    {
        var tiles = (width + maxPixels - 1) / maxPixels;
        var columns = (width + tiles - 1) / tiles;
        var rest = width % columns;
        return new TilePlan
        {
            Band = new Band(1, columns, 1, 0),
            FullBands = width / columns,
            LastBand = rest > 0 ? new Band(1, rest, 1, 0) : default,
        };
    }

    /// <summary>The plan of a depthwise convolution: blocks of 64 channels or fewer, tiles that are pieces of one row or of two.</summary>
    public static TilePlan ForColumns(OutputPlane plane, int channels, int rows = 1, int vectors = MaxVectors, int columns = MaxColumnTile)
    {
        // Tiles of one length and a rest: as many as even ones would be, and images of other widths share their code.
        var wide = Math.Min(columns, plane.Width);
        var band = new Band(rows, wide, plane.Width / wide, plane.Width % wide);
        return Create(plane, channels, vectors, columns) with
        {
            Band = band,
            FullBands = plane.Height / rows,
            LastBand = plane.Height % rows > 0 ? band with { Rows = plane.Height % rows } : default,
        };
    }

    /// <summary>So many lines of the next block each run of quads asks for, that all of them have come when it is that block's turn, and evenly.
    /// None where a block has so many tiles that only the first ones would wait.</summary>
    /// <param name="images">Images of a run.</param>
    public int LinesAhead(int images)
    {
        const int MostTiles = 100;
        var tiles = (long)images * (FullBands * Band.Tiles + LastBand.Tiles);
        return tiles > MostTiles ? 0 : (int)((ConvolutionCode.MaxQuadsInLine * Vectors + tiles - 1) / tiles);
    }

    private double Cycles(TileCost cost)
    {
        var plan = this;
        return FullBlocks * Block(Vectors) + (LastVectors > 0 ? Block(LastVectors) : 0);

        double Block(int vectors) =>
            plan.FullBands * OfBand(plan.Band, vectors) + (plan.LastBand.Rows > 0 ? OfBand(plan.LastBand, vectors) : 0);

        double OfBand(Band band, int vectors) => band.WideTiles * cost.Cycles(band.Rows * band.Columns, vectors, plan.InHalves)
            + (band.LastColumns > 0 ? cost.Cycles(band.Rows * band.LastColumns, vectors, false) : 0)
            + (plan.InHalves && band.WideTiles > 1 ? cost.CyclesOfEpilogue(band.Columns / 2, vectors) : 0);
    }
}

/// <summary>An output image as the plan sees it. Where neighbouring rows touch in every tensor and the window is one pixel,
/// all its pixels are one row.</summary>
internal readonly record struct OutputPlane(int Images, int Height, int Width, bool IsOneRow)
{
    /// <summary>The plane of a convolution's output.</summary>
    public static OutputPlane Of(ConvolutionShape shape, bool hasResidual)
    {
        var pixelwise = shape is { KernelHeight: 1, KernelWidth: 1, StrideX: 1, StrideY: 1, IsDepthwise: false };
        if (!pixelwise || !All(RowsTouch)) return new OutputPlane(shape.Images, shape.OutputHeight, shape.OutputWidth, false);
        var pixels = shape.OutputHeight * shape.OutputWidth;
        return shape.Images == 1 || All(ImagesTouch)
            ? new OutputPlane(1, 1, shape.Images * pixels, true)
            : new OutputPlane(shape.Images, 1, pixels, true);

        bool All(Func<PlaneStrides, bool> holds) => holds(shape.Input) && holds(shape.Output) && (!hasResidual || holds(shape.Residual));

        bool RowsTouch(PlaneStrides plane) => shape.OutputHeight == 1 || plane.Row == shape.OutputWidth * plane.Pixel;

        bool ImagesTouch(PlaneStrides plane) => plane.Image == (long)pixels * plane.Pixel;
    }
}
