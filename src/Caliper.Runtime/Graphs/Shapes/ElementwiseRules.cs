using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Operators whose output has the shape of an input, or of what its inputs broadcast to.</summary>
internal static class ElementwiseRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(LikeFirst, "Clip", "CumSum", "InstanceNormalization", "GroupNormalization", "PRelu", "Relu", "ReverseSequence",
            "ScatterND", "Trilu"),
        .. OperatorCatalogue.All.Where(e => e is { Domain: "", KeepsShape: true }).SelectMany(e => RuleTable.For(LikeFirst, e.OpType)),
        .. RuleTable.For(LikeFirstAlongAxis, "Hardmax", "LogSoftmax", "LpNormalization", "Scatter", "ScatterElements", "Softmax"),
        .. RuleTable.For(Broadcast, "Add", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Max", "Mean", "Min", "Mod", "Mul", "Pow",
            "Sub", "Sum"),
        .. RuleTable.For(Broadcast, [.. ConstantRules.Logic.Keys]),
        .. RuleTable.For(Compare, [.. ConstantRules.Comparisons.Keys]),
        .. RuleTable.For(Not, "Not"),
        .. RuleTable.For(Test, "IsInf", "IsNaN"),
        .. RuleTable.For(Identity, "Identity"),
        .. RuleTable.For(Cast, "Cast"),
        .. RuleTable.For(CastLike, "CastLike"),
        .. RuleTable.For(Where, "Where"),
        .. RuleTable.For(Dropout, "Dropout"),
        .. RuleTable.For(BatchNormalization, "BatchNormalization"),
        .. RuleTable.For(LayerNormalization, "LayerNormalization"),
        .. RuleTable.For(RandomLike, "RandomNormalLike", "RandomUniformLike"),
    ];

    /// <summary>Type and shape of the first input.</summary>
    public static void LikeFirst(NodeInference node) => node.Set(0, node.Type(0), node.Shape(0));

    /// <summary>The same of an operator that works along one axis, which is there.</summary>
    public static void LikeFirstAlongAxis(NodeInference node)
    {
        if (node.Node.Attributes.ContainsKey("axis") && node.Shape(0) is { } shape) NodeAxes.Of(node.Node, shape.Rank, -1);
        LikeFirst(node);
    }

    /// <summary>What all inputs broadcast to, or null where a shape is not known.</summary>
    public static Shape? BroadcastShape(NodeInference node, int first, int count)
    {
        Shape? result = Shape.Scalar;
        for (var input = first; input < first + count && result is not null; input++)
        {
            if (node.Shape(input) is not { } shape) return null;
            result = DimensionArithmetic.Broadcast(result.Value, shape)
                ?? throw node.Bad($"cannot broadcast {result} with {shape}");
        }
        return result;
    }

    private static void Broadcast(NodeInference node)
    {
        if (ConstantRules.TryCompute(node)) return;
        node.Set(0, node.Type(0), BroadcastShape(node, 0, node.Node.Inputs.Length));
    }

    private static void Compare(NodeInference node)
    {
        if (!ConstantRules.TryCompute(node)) node.Set(0, ElementType.Boolean, BroadcastShape(node, 0, 2));
    }

    private static void Not(NodeInference node)
    {
        if (node.Ints(0) is not { Numbers: { } truths } known) node.Set(0, ElementType.Boolean, node.Shape(0));
        else node.SetInts(0, ElementType.Boolean, known with { Elements = [.. truths.Select(t => new IntValue(t == 0 ? 1 : 0))] });
    }

    private static void Test(NodeInference node) => node.Set(0, ElementType.Boolean, node.Shape(0));

    private static void Identity(NodeInference node)
    {
        if (node.Ints(0) is { } ints) node.SetInts(0, node.Type(0), ints);
        else LikeFirst(node);
    }

    private static void Cast(NodeInference node)
    {
        var to = (ElementType)node.Node.Int("to", 0);
        if (!Enum.IsDefined(to)) to = ElementType.Undefined;
        if (to is ElementType.Int64 or ElementType.Int32 && node.Ints(0) is { } ints) node.SetInts(0, to, ints);
        else if (to is ElementType.Boolean && node.Ints(0) is { Numbers: not null } known)
            node.SetInts(0, to, known with { Elements = [.. known.Elements.Select(n => new IntValue(n.Number != 0 ? 1 : 0))] });
        else node.Set(0, to, node.Shape(0));
    }

    private static void CastLike(NodeInference node) => node.Set(0, node.Type(1), node.Shape(0));

    private static void Where(NodeInference node) => node.Set(0, node.Type(1), BroadcastShape(node, 0, 3));

    private static void Dropout(NodeInference node)
    {
        LikeFirst(node);
        node.Set(1, ElementType.Undefined, node.Shape(0)); // boolean since operator set 10, before that like the data
    }

    private static void BatchNormalization(NodeInference node)
    {
        if (node.Shape(0) is { Rank: < 2 } vector) throw node.Bad($"has an input of shape {vector}, which has no channels");
        var channels = node.Shape(0) is { } data ? data[1] : Dimension.Unknown;
        for (var input = 1; input < 5; input++)
        {
            node.NeedsNumbers(input, channels);
            if (!channels.IsKnown && node.Shape(input) is { } numbers) channels = numbers[0];
        }
        LikeFirst(node);
        for (var output = 1; output < node.Node.Outputs.Length; output++) node.Set(output, node.Type(1), node.Shape(1));
    }

    private static void LayerNormalization(NodeInference node)
    {
        LikeFirst(node);
        if (node.Shape(0) is not { Rank: > 0 } data) return;
        var axis = NodeAxes.Of(node.Node, data.Rank, -1);
        var statistics = new Shape([.. data.Dimensions.Select((d, i) => i < axis ? d : 1)]);
        node.Set(1, ElementType.Float32, statistics);
        node.Set(2, ElementType.Float32, statistics);
    }

    private static void RandomLike(NodeInference node) =>
        node.Set(0, (ElementType)node.Node.Int("dtype", (long)node.Type(0)), node.Shape(0));
}
