using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>Removes what no output of the network depends on, such as the indices that an exporter asks every MaxPool for.</summary>
internal static class UnreadNodes
{
    public static Graph Remove(Graph graph)
    {
        var read = graph.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new Stack<Node>();
        foreach (var node in Enumerable.Reverse(graph.Nodes))
        {
            if (!node.Outputs.Any(read.Contains)) continue;
            read.UnionWith(node.Reads());
            var isAsked = node.Outputs.Skip(1).Any(read.Contains) || !HasFurther(node);
            kept.Push(isAsked ? node : node with { Outputs = node.Outputs[..1] });
        }
        return kept.SequenceEqual(graph.Nodes, ReferenceEqualityComparer.Instance) ? graph : graph.With(kept);
    }

    /// <summary>Whether it makes more than its result, and need not.</summary>
    private static bool HasFurther(Node node) =>
        node.Outputs.Length > 1 && (node.Is("MaxPool") || node.Is("Dropout") || node.Is("LayerNormalization"));
}
