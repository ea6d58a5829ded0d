namespace Caliper.Kernels.Convolution.Tiles;

/// <summary>A model of what groups cost, in cycles; its numbers were measured on an Emerald Rapids.</summary>
/// <param name="Steps">Steps of the walk: each adds 64 products to each sum.</param>
/// <param name="HasResidual">Whether the epilogue adds another tensor.</param>
internal readonly record struct AmxCost(int Steps, bool HasResidual)
{
    // A product of tiles takes a cycle for each of its pixels, and a sum waits so long for its previous product.
    private const double LeastCyclesOfProduct = 9, Latency = 37;

    // Loads go beside products, but for these.
    private const double CyclesOfLoad = 8.4, LoadsBesideProducts = 2;

    private const double CyclesToBegin = 40;

    // What finishing a vector takes.
    private const double Finish = 2.6, FinishResidual = 8;

    /// <summary>An image.</summary>
    public double Cycles(AmxPlan plan, int channels)
    {
        var last = plan.LastVectors(channels);
        return plan.Groups * (plan.FullBlocks(channels) * OfGroup(plan, plan.Vectors) + (last > 0 ? OfGroup(plan, last) : 0));
    }

    private double OfGroup(AmxPlan plan, int vectors)
    {
        var products = plan.Tiles * vectors * Math.Max(plan.Rows, LeastCyclesOfProduct);
        var step = Math.Max(Latency, products + Math.Max(0, plan.Tiles + vectors - LoadsBesideProducts) * CyclesOfLoad);
        var epilogue = plan.PixelsOfGroup * vectors * (HasResidual ? FinishResidual : Finish);
        return CyclesToBegin + Math.Max(Steps * step, epilogue);
    }
}
