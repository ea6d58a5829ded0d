namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>A model of what tiles cost, in cycles.</summary>
/// <param name="Quads">Quads of the walk: each adds four products to each sum.</param>
/// <param name="HasResidual">Whether the epilogue adds another tensor.</param>
/// <param name="Core">What the core takes for it.</param>
internal readonly record struct TileCost(int Quads, bool HasResidual, CoreCost Core)
{
    /// <summary>One tile.</summary>
    public double Cycles(int pixels, int vectors, bool inHalves)
    {
        if (!inHalves) return Products(pixels, vectors) + CyclesOfEpilogue(pixels, vectors);
        var finish = (HasResidual ? Core.FinishResidualAmongProducts : Core.FinishAmongProducts) * pixels * vectors;
        return Products((pixels + 1) / 2, vectors) + Products(pixels / 2, vectors) + finish;
    }

    /// <summary>An epilogue by itself.</summary>
    public double CyclesOfEpilogue(int pixels, int vectors) =>
        ((HasResidual ? Core.FinishResidual : Core.Finish) * vectors + Core.Parting[vectors - 1]) * pixels;

    // No faster than products are added, weights and inputs loaded, and a sum waits for its latency; and weights no faster than they come,
    // from the second-level cache where they do not fit the first.
    private double Products(int pixels, int vectors)
    {
        var bytes = 64.0 * vectors;
        var arrival = Quads * bytes > Core.FirstLevelBytes ? bytes / Core.BytesPerCycle : 0;
        var computing = Math.Max(pixels * vectors / Core.ProductsPerCycle, (pixels + vectors) / Core.LoadsPerCycle);
        return Core.CyclesToBegin + Quads * Math.Max(Math.Max(Core.Latency, arrival), computing);
    }
}
