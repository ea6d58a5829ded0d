using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Operators between real numbers and integers, and ONNX Runtime's own operators on integers.</summary>
internal static class QuantizationRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> Standard =>
    [
        .. RuleTable.For(Quantize, "QuantizeLinear"),
        .. RuleTable.For(Dequantize, "DequantizeLinear"),
        .. RuleTable.For(DynamicQuantize, "DynamicQuantizeLinear"),
    ];

    public static IEnumerable<KeyValuePair<string, ShapeRule>> Microsoft =>
    [
        .. Standard,
        .. RuleTable.For(n => n.Set(0, n.Type(0), Broadcast(n)), "QLinearAdd", "QLinearMul"),
        .. RuleTable.For(ElementwiseRules.LikeFirstAlongAxis, "QLinearSoftmax"),
        .. RuleTable.For(ElementwiseRules.LikeFirst, "QLinearSigmoid", "QLinearLeakyRelu", "Gelu", "FastGelu",
            "QuickGelu", "BiasGelu"),
        .. RuleTable.For(QLinearGlobalAveragePool, "QLinearGlobalAveragePool"),
        .. RuleTable.For(WindowRules.Pool, "QLinearAveragePool"),
        .. RuleTable.For(n => n.Set(0, ElementType.Float32, MatrixRules.Product(n, 0, 1)), "MatMulIntegerToFloat"),
        .. RuleTable.For(QLinearConcat, "QLinearConcat"),
        .. RuleTable.For(QGemm, "QGemm"),
    ];

    private static void Quantize(NodeInference node)
    {
        var said = (ElementType)node.Node.Int("output_dtype", 0);
        var type = node.Has(2) ? node.Type(2) : said != ElementType.Undefined && Enum.IsDefined(said) ? said : ElementType.UInt8;
        node.Set(0, type, node.Shape(0));
    }

    private static void Dequantize(NodeInference node)
    {
        var said = (ElementType)node.Node.Int("output_dtype", 0);
        // A scale that is only an exponent is no type to compute in.
        var own = node.Type(1) is ElementType.Float8E8M0 ? ElementType.Float32 : node.Type(1);
        node.Set(0, said != ElementType.Undefined && Enum.IsDefined(said) ? said : own, node.Shape(0));
    }

    private static void DynamicQuantize(NodeInference node)
    {
        node.Set(0, ElementType.UInt8, node.Shape(0));
        node.Set(1, ElementType.Float32, Shape.Scalar);
        node.Set(2, ElementType.UInt8, Shape.Scalar);
    }

    /// <summary>Inputs are A, its scale and zero point, B, its scale and zero point, and those of the output.</summary>
    private static Shape? Broadcast(NodeInference node)
    {
        if (node.Shape(0) is not { } a || node.Shape(3) is not { } b) return null;
        return DimensionArithmetic.Broadcast(a, b) ?? throw node.Bad($"cannot broadcast {a} with {b}");
    }

    private static void QLinearGlobalAveragePool(NodeInference node)
    {
        if (node.Node.Int("channels_last", 0) == 0) WindowRules.GlobalPool(node);
        else node.Set(0, node.Type(0), null);
    }

    /// <summary>Inputs are the output's scale and zero point, and then each part with its own.</summary>
    private static void QLinearConcat(NodeInference node)
    {
        node.Set(0, node.Type(1), null);
        if ((node.Node.Inputs.Length - 2) % 3 != 0) throw node.Bad("has a part without its scale and zero point");
        var parts = Enumerable.Range(0, (node.Node.Inputs.Length - 2) / 3).Select(i => node.Shape(2 + 3 * i)).OfType<Shape>().ToArray();
        if (parts.Length < (node.Node.Inputs.Length - 2) / 3) return;
        node.Set(0, node.Type(1), LayoutRules.Joined(node, parts, NodeAxes.Of(node.Node, parts[0].Rank, 0)));
    }

    private static void QGemm(NodeInference node) =>
        node.Set(0, node.Has(8) ? node.Type(8) : node.Has(7) ? node.Type(2) : ElementType.Float32, MatrixRules.Gemm(node, 0, 3));
}
