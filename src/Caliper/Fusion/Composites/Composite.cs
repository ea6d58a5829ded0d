using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Fusion.Composites;

/// <summary>One operation that an exporter wrote in pieces.</summary>
/// <param name="OpType">The ONNX operator that it is.</param>
/// <param name="Kind">What PyTorch calls it.</param>
/// <param name="Nodes">The pieces, in execution order; the last makes the result.</param>
internal sealed record Composite(string OpType, string Kind, ImmutableArray<Node> Nodes)
{
    /// <summary>All of a network. No node is part of two.</summary>
    public static IReadOnlyList<Composite> AllOf(Graph graph)
    {
        var ordered = new OrderedGraph(graph);
        var taken = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        var found = new List<Composite>();
        foreach (var node in graph.Nodes)
        {
            if (taken.Contains(node) || (Normalization.Of(ordered, node) ?? Gating.Of(ordered, node)) is not { } composite) continue;
            if (composite.Nodes.Any(taken.Contains)) continue;
            taken.UnionWith(composite.Nodes);
            found.Add(composite);
        }
        return found;
    }
}
