namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>A model of what tiles cost, in cycles; its numbers were measured on a Zen 4.</summary>
/// <param name="Quads">Quads of the walk: each adds four products to each sum.</param>
/// <param name="HasResidual">Whether the epilogue adds another tensor.</param>
internal readonly record struct TileCost(int Quads, bool HasResidual)
{
    // A sum waits so many cycles for its previous product.
    private const int Latency = 4;

    // Pointers and the first sums of a tile.
    private const double CyclesToBegin = 12;

    // What finishing a vector takes alone, and what is left of it among products.
    private const double FinishAlone = 2.6, FinishAmongProducts = 1;
    private const double ResidualAlone = 9, ResidualAmongProducts = 4;

    private const int FirstLevelBytes = 24 * 1024;
    private const double BytesPerCycle = 18;

    /// <summary>One tile.</summary>
    public double Cycles(int pixels, int vectors, bool inHalves)
    {
        if (!inHalves) return Products(pixels, vectors) + CyclesOfEpilogue(pixels, vectors);
        var finish = (HasResidual ? ResidualAmongProducts : FinishAmongProducts) * pixels * vectors;
        return Products((pixels + 1) / 2, vectors) + Products(pixels / 2, vectors) + finish;
    }

    /// <summary>An epilogue by itself.</summary>
    public double CyclesOfEpilogue(int pixels, int vectors) => (HasResidual ? ResidualAlone : FinishAlone) * pixels * vectors;

    // One product vector a cycle; one load a cycle, of weights or of inputs; no sum faster than its latency; and weights no
    // faster than they come, from the second-level cache where they do not fit the first.
    private double Products(int pixels, int vectors)
    {
        var bytes = 64.0 * vectors;
        var arrival = Quads * bytes > FirstLevelBytes ? bytes / BytesPerCycle : 0;
        return CyclesToBegin + Quads * Math.Max(Math.Max(Latency, arrival), Math.Max(pixels * vectors, pixels + vectors));
    }
}
