using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Fusion.Composites;

/// <summary>
/// Values divided by how large they are: their spread (layer norm, instance norm), the root of their mean square (RMS norm) or their length
/// (normalization to length 1). Exporters write these in many ways; each holds one root that what it was taken of meets again.
/// </summary>
internal static class Normalization
{
    private static readonly FrozenSet<string> Parts =
    [
        "ReduceMean", "ReduceSum", "ReduceSumSquare", "ReduceL2", "Sub", "Add", "Mul", "Div", "Pow", "Sqrt", "Reciprocal", "Max", "Clip", "Reshape",
        "Expand", "Unsqueeze", "Squeeze", "Transpose", "Identity",
    ];

    public static Composite? Of(OrderedGraph graph, Node root)
    {
        if (!IsRoot(graph, root)) return null;
        foreach (var source in Region.Sources(graph, root, IsPart))
        {
            if (Region.Of(graph, source, root, IsPart) is not { } region || ReductionOf(region) is not { } reduction) continue;
            // What its own mean was subtracted from is where the norm begins, perhaps farther out.
            var isDifference = graph.ProducerOf(source) is { OpType: "Sub" };
            var whole = isDifference ? Region.Of(graph, graph.ProducerOf(source)!.Inputs[0], root, IsPart) : region;
            if (whole is null) continue;
            var (opType, kind) = NameOf(graph, whole, reduction);
            return new Composite(opType, kind, whole.Extended(graph, node => IsOfChannels(graph, node, "Mul"))
                .Extended(graph, node => IsOfChannels(graph, node, "Add")).Nodes);
        }
        return null;
    }

    private static bool IsRoot(OrderedGraph graph, Node node) => node.Domain.Length == 0 && (node.OpType is "Sqrt" or "ReduceL2"
        || (node.Is("Pow") && graph.NumberOf(node.Input(1)) is 0.5f or -0.5f));

    private static bool IsPart(Node node) => node.Domain.Length == 0 && node.Outputs.Length == 1 && Parts.Contains(node.OpType);

    /// <summary>Whether a node is a gain or an offset, one number a channel.</summary>
    private static bool IsOfChannels(OrderedGraph graph, Node node, string opType) =>
        node.Is(opType) && node.Inputs.Select(graph.Graph.Constant).OfType<Tensor>().Any(c => c is { Type: ElementType.Float32, Count: > 1 });

    private static Node? ReductionOf(Region region) => region.Nodes.FirstOrDefault(n => n.OpType.StartsWith("Reduce", StringComparison.Ordinal));

    private static (string OpType, string Kind) NameOf(OrderedGraph graph, Region region, Node reduction)
    {
        if (region.Nodes.All(n => n.OpType is not ("Sub" or "Sqrt" or "Pow"))) return ("LpNormalization", "Normalize");
        if (region.Nodes.All(n => n.OpType is not "Sub")) return ("RMSNormalization", "RMSNorm");
        return IsOverLastAxis(graph, region.Source, reduction) ? ("LayerNormalization", "LayerNorm") : ("InstanceNormalization", "InstanceNorm");
    }

    private static bool IsOverLastAxis(OrderedGraph graph, string source, Node reduction)
    {
        var axes = reduction.Ints("axes") ?? (graph.Graph.Constant(reduction.Input(1)) is { Type: ElementType.Int64 } given
            ? [.. given.Span<long>()] : null);
        return axes is not { } known || known.Contains(-1) || (graph.Graph.Find(source)?.Shape is { } shape && known.Contains(shape.Rank - 1));
    }
}
