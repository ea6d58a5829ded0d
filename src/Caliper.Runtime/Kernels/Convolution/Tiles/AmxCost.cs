namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>A model of what groups cost, in cycles; its numbers were measured on an Emerald Rapids.</summary>
/// <param name="Steps">Steps of the walk: each adds 64 products to each sum.</param>
/// <param name="PixelBytes">Bytes from the input of a pixel to the next one's.</param>
/// <param name="HasResidual">Whether the epilogue adds another tensor.</param>
internal readonly record struct AmxCost(int Steps, long PixelBytes, bool HasResidual)
{
    // A product of tiles takes a cycle for each of its pixels, and a sum waits so long for its previous product.
    private const double LeastCyclesOfProduct = 9, Latency = 37;

    // Loads go beside products, but for these; and what a row costs that lies in two lines of the cache.
    private const double CyclesOfLoad = 8.4, LoadsBesideProducts = 2, CyclesOfSplitRow = 2.8;

    // A tile of sums begins with the bias and is stored in the end.
    private const double CyclesOfSums = 31, CyclesToBegin = 40;

    // What vectors of 512 bits add in a cycle with byte products, and what they need to finish a vector of sums.
    private const double QuadsPerCycle = 1.75, FinishAlone = 2.4, FinishResidualAlone = 7;

    /// <summary>The model of a layer.</summary>
    public static AmxCost Of(ConvolutionShape shape, StepWalk walk, bool hasResidual) =>
        new(walk.Steps, (long)shape.StrideX * shape.Input.Pixel, hasResidual);

    /// <summary>An image, with tiles.</summary>
    public double Cycles(AmxPlan plan, int channels)
    {
        var last = plan.LastVectors(channels);
        return plan.Groups * (plan.FullBlocks(channels) * OfGroup(plan, plan.Vectors) + (last > 0 ? OfGroup(plan, last) : 0));
    }

    /// <summary>An image, with vectors instead.</summary>
    /// <param name="quads">Quads of the walk: each adds four products to each sum.</param>
    /// <param name="pixels">Pixels of the image.</param>
    /// <param name="channels">Output channels.</param>
    public double CyclesOfVectors(int quads, long pixels, int channels) =>
        pixels * ((channels + 15) / 16) * (quads / QuadsPerCycle + (HasResidual ? FinishResidualAlone : FinishAlone));

    // Vectors finish sums while products of tiles are added, but at half their speed: one of their two units is that of the tiles.
    private double OfGroup(AmxPlan plan, int vectors)
    {
        var products = plan.Tiles * vectors * Math.Max(plan.Rows, LeastCyclesOfProduct);
        var loads = (plan.Tiles + vectors) * CyclesOfLoad;
        var step = Math.Max(Math.Max(Latency, loads + plan.Tiles * plan.Rows * SplitRows * CyclesOfSplitRow),
            products + Math.Max(0, loads - LoadsBesideProducts * CyclesOfLoad));
        var finish = plan.PixelsOfGroup * vectors * FinishBesideProducts(vectors);
        return CyclesToBegin + Math.Max(Steps * step + plan.Tiles * vectors * CyclesOfSums, finish);
    }

    private double FinishBesideProducts(int vectors) => (HasResidual ? 10 : 4.8) + (vectors == 4 ? 0 : 0.6);

    // The share of rows that begin within a line, and so reach into the next.
    private double SplitRows
    {
        get
        {
            var apart = PixelBytes;
            for (var rest = (long)StepWalk.StepBytes; rest != 0;) (apart, rest) = (rest, apart % rest);
            return 1 - (double)Math.Max(apart, 1) / StepWalk.StepBytes;
        }
    }
}
