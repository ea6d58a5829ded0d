using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>What a Relu or Clip lets through: the closed interval [<paramref name="Min"/>, <paramref name="Max"/>].</summary>
internal readonly record struct ActivationRange(float Min, float Max)
{
    /// <summary>Whether a node does nothing but cut values off, within constant bounds or not.</summary>
    public static bool IsCut(Node node) => node.Is("Relu") || node.Is("Clip");

    /// <summary>The range of a node, or null where it is no such activation or its bounds are not constant.</summary>
    public static ActivationRange? Of(Graph graph, Node node)
    {
        if (node.Is("Relu")) return new ActivationRange(0, float.PositiveInfinity);
        if (!node.Is("Clip")) return null;
        return Bound(1, float.NegativeInfinity) is { } min && Bound(2, float.PositiveInfinity) is { } max
            ? new ActivationRange(min, max) : null;

        float? Bound(int input, float whenAbsent)
        {
            if (node.Input(input).Length == 0) return whenAbsent;
            return graph.Constant(node.Input(input)) is { Type: ElementType.Float32, Count: 1 } bound ? bound.Span<float>()[0] : null;
        }
    }
}
