using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Imports a node, or returns false where it does not take it in this form.</summary>
internal delegate bool NodeImport(GraphImporter graph, Node node);

/// <summary>Which operator is imported by what: its integer forms first, then its float form. What has no row is a function of
/// one value (<see cref="UnaryFunctions"/>), or runs in float (<see cref="FloatOperators"/>), or is not known.</summary>
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
        ["Conv"] = [LinearImport.Conv, WordImport.Conv],
        ["Gemm"] = [LinearImport.Gemm, WordImport.Gemm],
        ["MatMul"] = [LinearImport.MatMul, WordImport.MatMul],
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
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Imports whose operators run on floats as on bytes: they only move elements, or cut them off.</summary>
    private static readonly NodeImport[] OfFloatsToo =
    [
        MovementImport.Identity, MovementImport.Reshape, MovementImport.Transpose, MovementImport.Slice, MovementImport.Split,
        MovementImport.Expand, MovementImport.Gather, JoinImport.Concat, JoinImport.Pad, ArithmeticImport.IntegerClip,
    ];

    /// <summary>Imports whose operators run on integers of 16 bits.</summary>
    private static readonly NodeImport[] OfWords =
    [
        QuantizationImport.Quantize, QuantizationImport.Dequantize, WordImport.Conv, WordImport.Gemm, WordImport.MatMul,
        MovementImport.Identity, MovementImport.Reshape, MovementImport.Transpose, MovementImport.Slice, MovementImport.Split,
        MovementImport.Expand, MovementImport.Gather, JoinImport.Concat,
    ];

    /// <summary>Operators of a domain that have a row, an integer form of their own; not sorted.</summary>
    public static IEnumerable<string> Operators(string domain) => RowsOf(domain)?.Keys ?? [];

    /// <summary>What the engine can do with an operator in the forms of it that it takes.</summary>
    public static OperatorSupport SupportOf(string domain, string opType)
    {
        if (RowsOf(domain) is not { } rows) return OperatorSupport.None;
        var row = rows.GetValueOrDefault(opType, []);
        var isUnary = UnaryFunctions.IsOfOne(opType);
        var isBinary = domain.Length == 0 && UnaryFunctions.IsOfTwo(opType);
        var bytes = row.Length > 0 || isUnary ? OperatorSupport.Bytes : isBinary ? OperatorSupport.BytesWithConstant : OperatorSupport.None;
        var floats = isUnary || isBinary || FloatOperators.Has(opType) || row.Any(OfFloatsToo.Contains);
        return (floats ? bytes | OperatorSupport.Floats : bytes) | (row.Any(OfWords.Contains) ? OperatorSupport.Words : OperatorSupport.None);
    }

    /// <summary>Imports a node by the first form that takes it.</summary>
    public static bool TryImport(GraphImporter graph, Node node)
    {
        var imports = RowsOf(node.Domain)?.GetValueOrDefault(node.OpType, [ArithmeticImport.Unary]) ?? [];
        return imports.Any(import => import(graph, node)) || FloatImport.TryImport(graph, node);
    }

    private static FrozenDictionary<string, NodeImport[]>? RowsOf(string domain) => domain switch
    {
        "" or "ai.onnx" => Standard,
        "com.microsoft" => Microsoft,
        _ => null,
    };
}
