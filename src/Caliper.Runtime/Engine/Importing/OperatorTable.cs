using System.Collections.Frozen;
using Caliper.Graphs;
using Caliper.Operators;

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
        ["Cast"] = [WholeNumbersImport.Cast],
        ["Conv"] = [VolumeImport.Conv, LinearImport.Conv, WordImport.Conv],
        ["ConvTranspose"] = [VolumeTransposedImport.Import, TransposedImport.OfBytes, TransposedImport.OfFloats],
        ["Gemm"] = [LinearImport.Gemm, WordImport.Gemm],
        ["MatMul"] = [LoweredImport.MatMulOfVector, LinearImport.MatMul, WordImport.MatMul],
        ["QLinearConv"] = [LinearImport.QLinearConv],
        ["QLinearMatMul"] = [LinearImport.QLinearMatMul],
        ["Add"] = [ArithmeticImport.Unary, ArithmeticImport.Binary, WholeNumbersImport.Arithmetic],
        ["Sub"] = [ArithmeticImport.Unary, ArithmeticImport.Binary, WholeNumbersImport.Arithmetic],
        ["Mul"] = [ArithmeticImport.Unary, ArithmeticImport.Binary, WholeNumbersImport.Arithmetic],
        ["Div"] = [ArithmeticImport.Unary, WholeNumbersImport.Arithmetic],
        ["Min"] = [LoweredImport.OfSeveral, ArithmeticImport.Unary, WholeNumbersImport.Arithmetic],
        ["Max"] = [LoweredImport.OfSeveral, ArithmeticImport.Unary, WholeNumbersImport.Arithmetic],
        ["Mod"] = [ArithmeticImport.Unary, WholeNumbersImport.Arithmetic],
        ["Pow"] = [ArithmeticImport.Unary, WholeReductionsImport.Power],
        ["ReduceMax"] = [WholeReductionsImport.Reduce],
        ["ReduceMin"] = [WholeReductionsImport.Reduce],
        ["ReduceSum"] = [WholeReductionsImport.Reduce],
        ["Not"] = [WholeNumbersImport.Not],
        ["Where"] = [WholeNumbersImport.Where],
        ["Relu"] = [ArithmeticImport.IntegerClip, ArithmeticImport.Unary],
        ["Clip"] = [ArithmeticImport.IntegerClip, ArithmeticImport.Unary],
        ["LSTM"] = [RecurrentImport.Import],
        ["GRU"] = [RecurrentImport.Import],
        ["RNN"] = [RecurrentImport.Import],
        ["Softmax"] = [ArithmeticImport.Softmax],
        ["MaxPool"] = [PoolImport.MaxWithPlaces, VolumeImport.Pool, PoolImport.Max],
        ["AveragePool"] = [VolumeImport.Pool, PoolImport.Average],
        ["GlobalAveragePool"] = [PoolImport.GlobalAverage],
        ["ReduceMean"] = [PoolImport.GlobalAverage],
        ["Resize"] = [ResizeImport.Resize],
        ["OneHot"] = [MasksImport.OneHot],
        ["Trilu"] = [MasksImport.Trilu],
        ["CumSum"] = [WholeNumbersImport.CumSum],
        ["Einsum"] = [EinsumImport.Import],
        ["DFT"] = [FourierImport.Dft],
        ["STFT"] = [FourierImport.Stft],
        ["LayerNormalization"] = [LoweredImport.LayerNormalization],
        ["Concat"] = [JoinImport.Concat],
        ["Pad"] = [JoinImport.Pad],
    }.Concat(RowsOf(MovementImport.All)).Concat(RowsOf(LoweredImport.Movements)).Concat(RowsOf(LoweredImport.Reductions))
        .Concat(RowsOf(LoweredImport.Sums)).Concat(RowsOf(PlacesImport.All)).Concat(RowsOf(WholeNumbersImport.Logic))
        .Concat(RowsOf(WholeNumbersImport.Comparisons)).ToFrozenDictionary(StringComparer.Ordinal);

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
        .. MovementImport.All.Values, JoinImport.Concat, JoinImport.Pad, ArithmeticImport.IntegerClip,
        WholeNumbersImport.Cast, WholeNumbersImport.Comparison, WholeNumbersImport.Where, ResizeImport.Resize, TransposedImport.OfFloats,
        PlacesImport.GatherNd, PlacesImport.ScatterNd, .. LoweredImport.Movements.Values,
        EinsumImport.Import, VolumeTransposedImport.Import, VolumeImport.Conv, VolumeImport.Pool,
    ];

    /// <summary>Imports of floats alone, whatever stands around them.</summary>
    private static readonly NodeImport[] OfFloats =
    [
        RecurrentImport.Import, PlacesImport.Arg, PlacesImport.TopK, FourierImport.Dft, FourierImport.Stft, LoweredImport.Reduce,
        LoweredImport.LayerNormalization, LoweredImport.OfSeveral, MasksImport.OneHot, MasksImport.Trilu, WholeNumbersImport.CumSum,
    ];

    /// <summary>Imports that know nothing of bytes.</summary>
    private static readonly NodeImport[] OfWholeNumbers =
    [
        WholeNumbersImport.Cast, WholeNumbersImport.Arithmetic, WholeNumbersImport.Comparison, WholeNumbersImport.Not,
        .. WholeNumbersImport.Logic.Values, WholeNumbersImport.Where, PlacesImport.ScatterNd, LoweredImport.OfSeveral, MasksImport.OneHot,
        MasksImport.Trilu, WholeNumbersImport.CumSum, WholeReductionsImport.Power, WholeReductionsImport.Reduce,
    ];

    /// <summary>Imports that run on whole numbers as on bytes: they only move elements.</summary>
    private static readonly NodeImport[] OfWholeNumbersToo =
    [
        .. MovementImport.All.Values, JoinImport.Concat, PlacesImport.GatherNd, .. LoweredImport.Movements.Values,
    ];

    /// <summary>Imports whose operators run on integers of 16 bits.</summary>
    private static readonly NodeImport[] OfWords =
    [
        QuantizationImport.Quantize, QuantizationImport.Dequantize, WordImport.Conv, WordImport.Gemm, WordImport.MatMul,
        .. MovementImport.All.Values, JoinImport.Concat, PlacesImport.GatherNd,
    ];

    /// <summary>Operators of a domain that have a row, an integer form of their own; not sorted.</summary>
    public static IEnumerable<string> Operators(string domain) => RowsOf(domain)?.Keys ?? [];

    /// <summary>What the engine can do with an operator in the forms of it that it takes.</summary>
    public static OperatorSupport SupportOf(string domain, string opType)
    {
        if (RowsOf(domain) is not { } rows) return OperatorSupport.None;
        if (OperatorCatalogue.Find(domain, opType) is { EndsPlan: true })
            return OperatorSupport.Floats | OperatorSupport.WholeNumbers;
        if (OperatorCatalogue.Find(domain, opType)?.Spelled is { } spelling) return SupportOf(domain, spelling.OpType);
        var row = rows.GetValueOrDefault(opType, []);
        var isUnary = UnaryFunctions.IsOfOne(opType);
        var isBinary = domain.Length == 0 && UnaryFunctions.IsOfTwo(opType);
        // A function of two that has a row for its constants and whole numbers alone is on bytes only with a constant.
        var hasBytes = row.Any(i => !OfWholeNumbers.Contains(i) && !OfFloats.Contains(i) && (!isBinary || i != (NodeImport)ArithmeticImport.Unary));
        var bytes = hasBytes || isUnary ? OperatorSupport.Bytes : isBinary ? OperatorSupport.BytesWithConstant : OperatorSupport.None;
        if (row.Any(i => OfWholeNumbers.Contains(i) || OfWholeNumbersToo.Contains(i))) bytes |= OperatorSupport.WholeNumbers;
        var floats = isUnary || isBinary || FloatOperators.Has(opType) || row.Any(i => OfFloats.Contains(i) || OfFloatsToo.Contains(i));
        return (floats ? bytes | OperatorSupport.Floats : bytes) | (row.Any(OfWords.Contains) ? OperatorSupport.Words : OperatorSupport.None);
    }

    /// <summary>Imports a node by the first form that takes it.</summary>
    public static bool TryImport(GraphImporter graph, Node node)
    {
        var imports = RowsOf(node.Domain)?.GetValueOrDefault(node.OpType, [ArithmeticImport.Unary]) ?? [];
        return imports.Any(import => import(graph, node)) || FloatImport.TryImport(graph, node)
            || OperatorCatalogue.Spelled(node, graph.Find(node.Input(0))?.Shape) is { } spelled
                && !ReferenceEquals(spelled, node) && TryImport(graph, spelled);
    }

    /// <summary>The rows of a family of operators, each with one way to import it.</summary>
    private static IEnumerable<KeyValuePair<string, NodeImport[]>> RowsOf(IReadOnlyDictionary<string, NodeImport> family) =>
        family.Select(row => KeyValuePair.Create<string, NodeImport[]>(row.Key, [row.Value]));

    private static FrozenDictionary<string, NodeImport[]>? RowsOf(string domain) => domain switch
    {
        "" or "ai.onnx" => Standard,
        "com.microsoft" => Microsoft,
        _ => null,
    };
}
