using System.Collections.Immutable;
using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Operators that reduce axes to one number.</summary>
internal static class ReductionRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(Reduce, "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
            "ReduceMin", "ReduceProd", "ReduceSum", "ReduceSumSquare"),
        .. RuleTable.For(ArgReduce, "ArgMax", "ArgMin"),
    ];

    private static void Reduce(NodeInference node)
    {
        var keep = node.Node.Int("keepdims", 1) != 0;
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x) return;
        var axes = node.IntsOf("axes", 1);
        if (axes is null && node.Has(1))
        {
            if (keep) node.Set(0, node.Type(0), new Shape([.. x.Dimensions.Select(_ => Dimension.Unknown)]));
            return;
        }
        node.Set(0, node.Type(0), Without(x, NodeAxes.Reduced(node.Node, axes, x.Rank), keep));
    }

    private static void ArgReduce(NodeInference node) => node.Set(0, ElementType.Int64, node.Shape(0) is { } x
        ? Without(x, NodeAxes.Reduced(node.Node, [node.Node.Int("axis", 0)], x.Rank), node.Node.Int("keepdims", 1) != 0)
        : null);

    private static Shape Without(Shape shape, ImmutableArray<bool> reduced, bool keep)
    {
        var lengths = shape.Dimensions.Select((d, i) => reduced[i] ? 1 : d);
        return new Shape([.. lengths.Where((_, i) => keep || !reduced[i])]);
    }
}
