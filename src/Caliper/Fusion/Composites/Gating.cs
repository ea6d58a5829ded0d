using Caliper.Graphs;

namespace Caliper.Fusion.Composites;

/// <summary>GELU, which is x · g(x), with g of an error function or of a hyperbolic tangent. It is known by what it computes, however it is
/// written.</summary>
internal static class Gating
{
    private const double Tolerance = 2e-3, Furthest = 6;
    private const int Points = 49, Channels = 5;

    public static Composite? Of(OrderedGraph graph, Node root)
    {
        if (root is not { Domain: "", OpType: "Erf" or "Tanh" }) return null;
        foreach (var source in Region.Sources(graph, root, IsPart))
        {
            if (Region.Of(graph, source, root, IsPart) is not { } region) continue;
            var whole = region.Extended(graph, node => node.OpType is "Mul" or "Div" && IsPart(node));
            if (Enumerable.Range(0, Channels).All(channel => IsGelu(graph, whole, root, channel))) return new Composite("Gelu", "GELU", whole.Nodes);
        }
        return null;

        bool IsPart(Node node) => ScalarFunction.CanCompute(graph, node);
    }

    /// <summary>Whether a channel's function is GELU, but for powers of two that its values and the result are divided by.</summary>
    private static bool IsGelu(OrderedGraph graph, Region region, Node root, int channel)
    {
        var divided = ScalarFunction.FactorBefore(graph, region, root, channel);
        double Of(double x) => ScalarFunction.Value(graph, region, x / divided, channel);
        var slope = Of(Furthest) / Furthest;
        var isPower = slope > 0 && Math.Abs(slope / Math.Pow(2, Math.Round(Math.Log2(slope))) - 1) < Tolerance;
        return isPower && Enumerable.Range(0, Points).Select(i => ((2.0 * i / (Points - 1)) - 1) * Furthest)
            .All(x => Math.Abs((Of(x) / slope) - ScalarFunction.Gelu(x)) <= Tolerance);
    }
}
