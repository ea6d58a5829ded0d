using System.Collections.Frozen;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Operators that are said by a few others in one or two lines.</summary>
internal static class LoweredImport
{
    /// <summary>What is summed of each element, and the function of the sum; null where that is it itself.</summary>
    private static readonly FrozenDictionary<string, (Func<Lowering, string, string>? Before, string? After)> Reduced =
        new Dictionary<string, (Func<Lowering, string, string>?, string?)>
        {
            ["ReduceL1"] = ((parts, x) => parts.Of("Abs", x), null),
            ["ReduceL2"] = ((parts, x) => parts.Of("Mul", x, x), "Sqrt"),
            ["ReduceSumSquare"] = ((parts, x) => parts.Of("Mul", x, x), null),
            ["ReduceLogSum"] = (null, "Log"),
        }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Reductions that are such sums.</summary>
    public static IReadOnlyDictionary<string, NodeImport> Reductions { get; } =
        Reduced.Keys.ToFrozenDictionary(name => name, _ => (NodeImport)Reduce, StringComparer.Ordinal);

    /// <summary>Sums of any number of tensors.</summary>
    public static IReadOnlyDictionary<string, NodeImport> Sums { get; } = new Dictionary<string, NodeImport>
    {
        ["Sum"] = OfSeveral,
        ["Mean"] = OfSeveral,
    };

    /// <summary>Operators that only move elements, of any type but words.</summary>
    public static IReadOnlyDictionary<string, NodeImport> Movements { get; } = new Dictionary<string, NodeImport>
    {
        ["Tile"] = Tile,
        ["DepthToSpace"] = DepthToSpace,
        ["SpaceToDepth"] = SpaceToDepth,
    };

    /// <summary>A product with a vector, which is a row or a column.</summary>
    public static bool MatMulOfVector(GraphImporter graph, Node node)
    {
        var (a, b, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Inputs[1]), graph.ShapeOf(node.Output));
        if (a.Length > 1 && b.Length > 1) return false;
        var parts = new Lowering(graph, node);
        var left = a.Length == 1 ? parts.Reshaped(node.Inputs[0], 1, a[0]) : node.Inputs[0];
        var right = b.Length == 1 ? parts.Reshaped(node.Inputs[1], b[0], 1) : node.Inputs[1];
        return parts.End(parts.Part("Reshape", parts.Of("MatMul", left, right), parts.Numbers([.. y.Select(l => (long)l)])));
    }

    /// <summary>Max, Min, Sum and Mean of any number of tensors, from the first to the last.</summary>
    public static bool OfSeveral(GraphImporter graph, Node node)
    {
        var pair = node.OpType is "Sum" or "Mean" ? "Add" : node.OpType;
        if (node.Inputs.Length == 2 && pair == node.OpType) return false;
        var parts = new Lowering(graph, node);
        var result = node.Inputs[0];
        foreach (var next in node.Inputs.Skip(1)) result = parts.Of(pair, result, next);
        if (node.OpType != "Mean") return parts.End(parts.Part("Identity", result));
        return parts.Number(graph.Find(result)?.Type ?? ElementType.Undefined, node.Inputs.Length) is { } count
            && parts.End(parts.Part("Div", result, count));
    }

    /// <summary>Each axis again and again: beside an axis of 1 that is repeated.</summary>
    private static bool Tile(GraphImporter graph, Node node)
    {
        var (x, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Output));
        var parts = new Lowering(graph, node);
        var apart = parts.Reshaped(node.Inputs[0], [.. x.SelectMany(l => new long[] { 1, l })]);
        var repeated = parts.Of("Expand", apart, parts.Numbers([.. x.Zip(y).SelectMany(l => new long[] { l.Second / l.First, l.First })]));
        return parts.End(parts.Part("Reshape", repeated, parts.Numbers([.. y.Select(l => (long)l)])));
    }

    /// <summary>Channels that become pixels.</summary>
    private static bool DepthToSpace(GraphImporter graph, Node node)
    {
        var (x, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Output));
        var (parts, size) = (new Lowering(graph, node), node.Int("blocksize", 0));
        var isColumnFirst = node.Text("mode", "DCR") switch
        {
            "CRD" => false,
            "DCR" => true,
            var other => throw NodeFault.Of(node, $"has the mode '{other}'"),
        };
        var apart = isColumnFirst ? parts.Reshaped(node.Inputs[0], x[0], size, size, y[1], x[2], x[3])
            : parts.Reshaped(node.Inputs[0], x[0], y[1], size, size, x[2], x[3]);
        var turned = isColumnFirst ? parts.Turned(apart, 0, 3, 4, 1, 5, 2) : parts.Turned(apart, 0, 1, 4, 2, 5, 3);
        return parts.End(parts.Part("Reshape", turned, parts.Numbers([.. y.Select(l => (long)l)])));
    }

    /// <summary>Pixels that become channels.</summary>
    private static bool SpaceToDepth(GraphImporter graph, Node node)
    {
        var (x, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Output));
        var (parts, size) = (new Lowering(graph, node), node.Int("blocksize", 0));
        var turned = parts.Turned(parts.Reshaped(node.Inputs[0], x[0], x[1], y[2], size, y[3], size), 0, 3, 5, 1, 2, 4);
        return parts.End(parts.Part("Reshape", turned, parts.Numbers([.. y.Select(l => (long)l)])));
    }

    /// <summary>A sum of a function of the elements, or a function of a sum.</summary>
    public static bool Reduce(GraphImporter graph, Node node)
    {
        if (!graph.HasFloats(node.Inputs[0])) return false;
        var parts = new Lowering(graph, node);
        var (before, after) = Reduced[node.OpType];
        var sum = node with { OpType = "ReduceSum", Inputs = [before?.Invoke(parts, node.Inputs[0]) ?? node.Inputs[0], .. node.Inputs.Skip(1)] };
        return parts.End(after is null ? sum : parts.Part(after, parts.Of(sum)));
    }

    /// <summary>A LayerNormalization that also returns its means and the inverse of its deviations.</summary>
    public static bool LayerNormalization(GraphImporter graph, Node node)
    {
        if (node.Outputs.Skip(1).All(o => o.Length == 0) || !graph.HasFloats(node.Inputs[0])) return false;
        var parts = new Lowering(graph, node);
        var rank = graph.ShapeOf(node.Inputs[0]).Length;
        long[] axes = [.. Enumerable.Range(NodeAxes.Of(node, rank, -1), rank - NodeAxes.Of(node, rank, -1)).Select(a => (long)a)];
        var mean = parts.Of(parts.Part("ReduceMean", node.Inputs[0]).With("axes", axes));
        var away = parts.Of("Sub", node.Inputs[0], mean);
        var square = parts.Of(parts.Part("ReduceMean", parts.Of("Mul", away, away)).With("axes", axes));
        var deviation = parts.Of("Sqrt", parts.Of("Add", square, parts.Constant(Tensor.Scalar(node.Float("epsilon", 1e-5f)))));
        if (node.Outputs[1].Length > 0) parts.End(node.Outputs[1], parts.Part("Identity", mean));
        if (node.Outputs.Length > 2 && node.Outputs[2].Length > 0) parts.End(node.Outputs[2], parts.Part("Reciprocal", deviation));
        return parts.End(node with { Outputs = [node.Output] });
    }
}
