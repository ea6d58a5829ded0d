using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Imports a node, or returns false where it does not take it in this form.</summary>
internal delegate bool NodeImport(GraphImporter graph, Node node);

/// <summary>Which operator is imported by what: its integer forms first, then its float form.</summary>
internal static class OperatorTable
{
    private static readonly FrozenDictionary<string, NodeImport[]> Standard = new Dictionary<string, NodeImport[]>
    {
        ["QuantizeLinear"] = [QuantizationImport.Quantize],
        ["DequantizeLinear"] = [QuantizationImport.Dequantize],
        ["DynamicQuantizeLinear"] = [IntegerSumsImport.DynamicQuantize],
        ["ConvInteger"] = [IntegerSumsImport.ConvInteger],
        ["MatMulInteger"] = [IntegerSumsImport.MatMulInteger],
        ["Cast"] = [IntegerSumsImport.Cast],
        ["Conv"] = [LinearImport.Conv],
        ["Gemm"] = [LinearImport.Gemm],
        ["MatMul"] = [LinearImport.MatMul],
        ["QLinearConv"] = [LinearImport.QLinearConv],
        ["QLinearMatMul"] = [LinearImport.QLinearMatMul],
        ["Add"] = [ArithmeticImport.Unary, ArithmeticImport.Binary],
        ["Sub"] = [ArithmeticImport.Unary, ArithmeticImport.Binary],
        ["Mul"] = [ArithmeticImport.Unary, ArithmeticImport.Binary],
        ["Relu"] = [ArithmeticImport.IntegerClip, ArithmeticImport.Unary],
        ["Clip"] = [ArithmeticImport.IntegerClip, ArithmeticImport.Unary],
        ["Softmax"] = [ArithmeticImport.Softmax],
        ["MaxPool"] = [PoolImport.Max],
        ["AveragePool"] = [PoolImport.Average],
        ["GlobalAveragePool"] = [PoolImport.GlobalAverage],
        ["ReduceMean"] = [PoolImport.GlobalAverage],
        ["Resize"] = [ResizeImport.Resize],
        ["Identity"] = [MovementImport.Identity],
        ["Dropout"] = [MovementImport.Identity],
        ["Reshape"] = [MovementImport.Reshape],
        ["Flatten"] = [MovementImport.Reshape],
        ["Squeeze"] = [MovementImport.Reshape],
        ["Unsqueeze"] = [MovementImport.Reshape],
        ["Transpose"] = [MovementImport.Transpose],
        ["Slice"] = [MovementImport.Slice],
        ["Split"] = [MovementImport.Split],
        ["Expand"] = [MovementImport.Expand],
        ["Gather"] = [MovementImport.Gather],
        ["Concat"] = [JoinImport.Concat],
        ["Pad"] = [JoinImport.Pad],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    private static readonly FrozenDictionary<string, NodeImport[]> Microsoft = new Dictionary<string, NodeImport[]>
    {
        ["QuantizeLinear"] = [QuantizationImport.Quantize],
        ["DequantizeLinear"] = [QuantizationImport.Dequantize],
        ["QLinearAdd"] = [ArithmeticImport.QLinearBinary],
        ["QLinearMul"] = [ArithmeticImport.QLinearBinary],
        ["QLinearSigmoid"] = [ArithmeticImport.QLinearUnary],
        ["QLinearLeakyRelu"] = [ArithmeticImport.QLinearUnary],
        ["QLinearSoftmax"] = [ArithmeticImport.QLinearSoftmax],
        ["QLinearAveragePool"] = [PoolImport.QLinearAverage],
        ["QLinearGlobalAveragePool"] = [PoolImport.QLinearGlobalAverage],
        ["QLinearConcat"] = [JoinImport.QLinearConcat],
        ["QGemm"] = [LinearImport.QGemm],
        ["MatMulIntegerToFloat"] = [LinearImport.MatMulIntegerToFloat],
        ["Gelu"] = [],
        ["FastGelu"] = [],
        ["QuickGelu"] = [],
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Imports a node by the first form that takes it.</summary>
    public static bool TryImport(GraphImporter graph, Node node)
    {
        var imports = node.Domain switch
        {
            "" or "ai.onnx" => Standard.GetValueOrDefault(node.OpType, [ArithmeticImport.Unary]),
            "com.microsoft" => Microsoft.GetValueOrDefault(node.OpType, []) is { Length: > 0 } known ? known : [ArithmeticImport.Unary],
            _ => [],
        };
        return imports.Any(import => import(graph, node)) || FloatImport.TryImport(graph, node);
    }
}
