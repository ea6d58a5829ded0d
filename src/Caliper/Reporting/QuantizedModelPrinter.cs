using Caliper.Analysis.Matching;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Reporting;

/// <summary>Prints an int8 network, in QDQ or QOperator form and whoever wrote it, as PyTorch prints a converted one: what computes in integers
/// is called Quantized, and tells the scale and zero point of its result.</summary>
internal static class QuantizedModelPrinter
{
    private const string Prefix = "QLinear";

    public static string Print(Graph graph)
    {
        var layers = LayerGrouping.Of(graph);
        return ModulePrinter.Print("QuantizedModel", [], layers.Select(layer => Module(graph, layer)).OfType<PrintedModule>());
    }

    private static PrintedModule? Module(Graph graph, Layer layer) => layer.OpType switch
    {
        "QuantizeLinear" => graph.Inputs.Any(i => i.Name == layer.Operation.Inputs[0]) ? Border(graph, layer, "Quantize") : null,
        "DequantizeLinear" => graph.IsOutput(layer.Output) ? Border(graph, layer, "DeQuantize") : null,
        _ => Computation(graph, layer),
    };

    private static PrintedModule Border(Graph graph, Layer layer, string kind) =>
        new(layer.Name, kind, kind == "Quantize" ? ScaleOf(graph, layer) ?? "" : "", graph.Find(layer.Output)?.Shape, []);

    private static PrintedModule Computation(Graph graph, Layer layer)
    {
        var node = layer.Operation;
        var scale = ScaleOf(graph, layer);
        var isOperator = node.OpType.StartsWith(Prefix, StringComparison.Ordinal) || node.OpType == "QGemm";
        var isQuantized = isOperator || (scale is not null && node.Reads().Any(i => graph.ProducerOf(i)?.Is("DequantizeLinear") is true));
        var product = isOperator ? ProductOf(node.OpType) : OperatorCatalogue.ProductOf(node);
        var weights = isOperator ? graph.Constant(node.Input(3))
            : graph.Constant(node.Input(1)) ?? (graph.ProducerOf(node.Input(1)) is { } stored ? graph.Constant(stored.Input(0)) : null);
        var arguments = ModulePrinter.ArgumentsOf(node, product, product is null && isOperator ? null : weights);
        return new(layer.Name, (isQuantized ? "Quantized" : "") + (isOperator ? KindOf(node, product) : layer.Kind),
            string.Join(", ", new[] { arguments, scale }.Where(part => part is { Length: > 0 })), graph.Find(layer.Output)?.Shape, []);
    }

    private static ProductKind? ProductOf(string quantized) => quantized switch
    {
        "QLinearConv" => ProductKind.Convolution,
        "QGemm" => ProductKind.Gemm,
        "QLinearMatMul" => ProductKind.MatMul,
        _ => null,
    };

    private static string KindOf(Node node, ProductKind? product) => product is ProductKind.Gemm or ProductKind.MatMul ? "Linear"
        : node.OpType[Prefix.Length..] + (product is ProductKind.Convolution && node.Ints("kernel_shape") is { Length: var axes } ? $"{axes}d" : "");

    /// <summary>Scale and zero point of a layer's result in integers; null where it has none, or where they are not constant.</summary>
    private static string? ScaleOf(Graph graph, Layer layer)
    {
        var after = graph.ConsumersOf(layer.Output).Where(c => c.Is("QuantizeLinear"));
        var made = layer.Nodes.Concat(after).SelectMany(IntegerOperands.MadeBy).Cast<IntegerOperand?>().FirstOrDefault();
        if (made is not { } operand || graph.Constant(operand.Scale) is not { Type: ElementType.Float32, Count: 1 } scale) return null;
        return FormattableString.Invariant($"scale={scale.Span<float>()[0]}, zero_point={ZeroPointOf(graph.Constant(operand.ZeroPoint))}");
    }

    /// <summary>0 where there is none.</summary>
    private static int ZeroPointOf(Tensor? stored) => stored switch
    {
        { Count: 1, Type: ElementType.UInt8 } => stored.Span<byte>()[0],
        { Count: 1, Type: ElementType.Int8 } => stored.Span<sbyte>()[0],
        { Count: 1, Type: ElementType.UInt16 } => stored.Span<ushort>()[0],
        { Count: 1, Type: ElementType.Int16 } => stored.Span<short>()[0],
        _ => 0,
    };
}
