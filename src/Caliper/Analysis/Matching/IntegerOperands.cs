using Caliper.Graphs;

namespace Caliper.Analysis.Matching;

/// <summary>An 8-bit value with the names of its scale and zero point.</summary>
internal readonly record struct IntegerOperand(string Name, string Scale, string ZeroPoint);

/// <summary>Which 8-bit values a node of an int8 network reads and makes, in QDQ or in QOperator form.</summary>
internal static class IntegerOperands
{
    /// <summary>What it reads, activations and weights.</summary>
    public static IEnumerable<IntegerOperand> ReadBy(Node node) => node.OpType switch
    {
        "DequantizeLinear" => [Triple(node, 0)],
        "QLinearConv" or "QLinearMatMul" or "QLinearAdd" or "QLinearMul" or "QGemm" => [Triple(node, 0), Triple(node, 3)],
        "QLinearConcat" => Enumerable.Range(0, (node.Inputs.Length - 2) / 3).Select(i => Triple(node, 2 + 3 * i)),
        "MatMulIntegerToFloat" => [new(node.Input(0), node.Input(2), node.Input(4)), new(node.Input(1), node.Input(3), node.Input(5))],
        _ when IsUnary(node) => [Triple(node, 0)],
        _ => [],
    };

    /// <summary>What it makes.</summary>
    public static IEnumerable<IntegerOperand> MadeBy(Node node) => node.OpType switch
    {
        "QuantizeLinear" => [Result(node, 1)],
        "QLinearConv" or "QLinearMatMul" or "QLinearAdd" or "QLinearMul" => [Result(node, 6)],
        // Without an output scale its result is float.
        "QGemm" => node.Input(7).Length > 0 ? [Result(node, 7)] : [],
        "QLinearConcat" => [Result(node, 0)],
        _ when IsUnary(node) => [Result(node, 3)],
        _ => [],
    };

    /// <summary>The operators of one operand: QLinearSigmoid, QLinearGlobalAveragePool and so on.</summary>
    private static bool IsUnary(Node node) => node.OpType.StartsWith("QLinear", StringComparison.Ordinal);

    private static IntegerOperand Triple(Node node, int at) => new(node.Input(at), node.Input(at + 1), node.Input(at + 2));

    private static IntegerOperand Result(Node node, int at) => new(node.Output, node.Input(at), node.Input(at + 1));
}
