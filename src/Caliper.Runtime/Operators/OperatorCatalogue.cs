using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>
/// Every operator that some part of Caliper knows, one row each: its form, and what becomes of it in an int8 network. Shape inference,
/// importer and quantizer have tables of what they do for an operator; what it is, is said here alone. docs/8-operators.md is this table.
/// </summary>
internal static class OperatorCatalogue
{
    private const string Microsoft = "com.microsoft";

    private static readonly (string, int, long)[] Axes = [("axes", 1, 18)], AxesSince13 = [("axes", 1, 13)];

    /// <summary>Those that an int8 network may hold, and those that treat a Relu or Clip after them as part of themselves.</summary>
    private static readonly OperatorEntry[] Quantizable =
    [
        Product("Conv", new(2, 3), ProductKind.Convolution) with { QOperator = "QLinearConv" },
        Product("ConvTranspose", new(2, 3), ProductKind.TransposedConvolution) with { HasIntegerKernel = false },
        Product("Gemm", new(2, 3), ProductKind.Gemm) with { QOperator = "QGemm" },
        Product("MatMul", new(2, 2), ProductKind.MatMul) with { TakesSeveral = true, QOperator = "QLinearMatMul" },
        Computes("Add", new(2, 2)) with { JoinsActivation = true, TakesSeveral = true, QOperator = "QLinearAdd" },
        Computes("Mul", new(2, 2)) with { JoinsActivation = true, TakesSeveral = true, QOperator = "QLinearMul" },
        Computes("AveragePool", new(1, 1)) with { JoinsActivation = true, QOperator = "QLinearAveragePool" },
        Computes("GlobalAveragePool", new(1, 1)) with { JoinsActivation = true, QOperator = "QLinearGlobalAveragePool" },
        Function("Sigmoid") with { QOperator = "QLinearSigmoid", FixedRange = (0, 1) },
        Function("LeakyRelu") with { QOperator = "QLinearLeakyRelu" },
        Computes("Softmax", new(1, 1)) with { QOperator = "QLinearSoftmax", FixedRange = (0, 1) },
        Function("Tanh") with { FixedRange = (-1, 1), HasIntegerKernel = false },
        Function("HardSigmoid") with { FixedRange = (0, 1), HasIntegerKernel = false },
        Function("HardSwish") with { HasIntegerKernel = false },
        Function("Elu") with { HasIntegerKernel = false },
        Function("Selu") with { HasIntegerKernel = false },
        Function("Celu") with { HasIntegerKernel = false },
        Function("Softplus") with { HasIntegerKernel = false },
        Function("Softsign") with { HasIntegerKernel = false },
        Function("Gelu") with { HasIntegerKernel = false },
        Function("Mish") with { HasIntegerKernel = false },
        Moves("Relu", new(1, 1)),
        Moves("Clip", new(1, 3) { Moved = [("min", 1, 11), ("max", 2, 11)] }),
        Moves("MaxPool", new(1, 1) { Outputs = 2 }),
        Moves("Reshape", new(2, 2)) with { Reorders = true },
        Moves("Flatten", new(1, 1)) with { Reorders = true },
        Moves("Transpose", new(1, 1)) with { Reorders = true },
        Moves("Squeeze", new(1, 2) { Moved = AxesSince13 }) with { Reorders = true },
        Moves("Unsqueeze", new(1, 2) { Moved = AxesSince13, LeastOnceMoved = 2 }) with { Reorders = true },
        Moves("Slice", new(1, 5) { Moved = [("starts", 1, 10), ("ends", 2, 10), ("axes", 3, 10)], LeastOnceMoved = 3 }),
        Moves("Split", new(1, 2) { Outputs = OperatorForm.Any, Moved = [("split", 1, 13)] }),
        Moves("Pad", new(1, 4) { Moved = [("pads", 1, 11), ("value", 2, 11)], LeastOnceMoved = 2 }) with { IsSizedByNumbers = true },
        Moves("Gather", new(2, 2)),
        Moves("Expand", new(2, 2)) with { IsSizedByNumbers = true },
        Moves("Tile", new(2, 2)) with { IsSizedByNumbers = true },
        Moves("Identity", new(1, 1)),
        Moves("Resize", new(1, 4)) with { IsSizedByNumbers = true },
        new("", "Concat", new(1, OperatorForm.Any)) { Role = OperatorRole.Join, TakesSeveral = true },
        new("", "Sub", new(2, 2)) { JoinsActivation = true },
        new("", "BatchNormalization", new(5, 5) { Outputs = 5 }) { JoinsActivation = true },
    ];

    /// <summary>Those that the quantizer leaves in float.</summary>
    private static readonly OperatorEntry[] Others =
    [
        .. Of("", new(0, 0), "Constant", "RandomNormal", "RandomUniform"),
        .. Of("", new(1, 1), "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Ceil", "Cos", "Cosh", "Erf", "Exp",
            "Floor", "LRN", "Log", "MeanVarianceNormalization", "Neg", "Reciprocal", "Round", "Shrink", "Sign", "Sin", "Sinh", "Sqrt",
            "Tan", "ThresholdedRelu").Select(e => e with { KeepsShape = true }),
        .. Of("", new(1, 1), "Hardmax", "LogSoftmax", "LpNormalization", "Not", "IsInf", "IsNaN", "Cast", "RandomNormalLike",
            "RandomUniformLike", "LpPool", "GlobalLpPool", "Shape", "Size"),
        .. Of("", new(1, 1), "ArgMax", "ArgMin").Select(e => e with { Ranks = true }),
        .. Of("", new(1, 1), "DepthToSpace", "SpaceToDepth").Select(e => e with { Reorders = true }),
        new("", "ConstantOfShape", new(1, 1)) { IsSizedByNumbers = true },
        // Float: as a mover of integers it would bring what comes before it into 8 bits, and there is little left of an image after it.
        new("", "GlobalMaxPool", new(1, 1)) { Spelled = Spelling.WholePool("MaxPool") },
        .. Of("", new(1, 2), "Trilu"),
        .. Of("", new(1, 2) { Moved = AxesSince13 }, "ReduceSum"),
        .. Of("", new(1, 2) { Moved = Axes }, "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax", "ReduceMean",
            "ReduceMin", "ReduceProd", "ReduceSumSquare"),
        new("", "Upsample", new(1, 2) { Moved = [("scales", 1, 9)], LeastOnceMoved = 2 }) { IsSizedByNumbers = true },
        .. Of("", new(1, 2) { LeastOutputs = 1, Outputs = 2, FirstOutputIsOptional = true, Moved = [("k", 1, 10)], LeastOnceMoved = 2 },
            "TopK").Select(e => e with { Ranks = true }),
        .. Of("", new(1, 3) { Outputs = 2, Moved = [("ratio", 1, 12)] }, "Dropout"),
        .. Of("", new(1, OperatorForm.Any), "Max", "Mean", "Min", "Sum"),
        .. Of("", new(2, 2), "And", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Mod", "Or", "Pow", "Xor", "PRelu",
            "CumSum", "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "CastLike", "GatherElements", "ReverseSequence"),
        new("", "GatherND", new(2, 2)) { StaysInBranch = true },
        new("", "Compress", new(2, 2)) { Selects = true, ChoosesRows = true },
        new("", "Unique", new(1, 1) { Outputs = 4 }) { Selects = true, ChoosesRows = true },
        .. Of("", new(2, 3) { Outputs = 3 }, "LayerNormalization"),
        .. Of("", new(1, OperatorForm.Any), "Einsum"),
        .. Of("", new(1, 3) { Moved = [("axis", 2, 20)] }, "DFT"),
        .. Of("", new(2, 4), "STFT"),
        new("", "If", new(1, 1) { Outputs = OperatorForm.Any, FirstOutputIsOptional = true }) { EndsPlan = true },
        new("", "Loop", new(2, OperatorForm.Any) { Outputs = OperatorForm.Any, FirstOutputIsOptional = true, MayBeEmpty = [0, 1] })
        {
            EndsPlan = true,
        },
        new("", "Scan", new(1, OperatorForm.Any) { Outputs = OperatorForm.Any, FirstOutputIsOptional = true, MayBeEmpty = [0] }) { EndsPlan = true },
        new("", "NonMaxSuppression", new(2, 5)) { EndsPlan = true, ChoosesRows = true },
        new("", "NonZero", new(1, 1)) { EndsPlan = true, Selects = true, ChoosesRows = true },
        new("", "OneHot", new(3, 3)) { IsSizedByNumbers = true },
        new("", "ScatterND", new(3, 3)) { StaysInBranch = true },
        .. Of("", new(3, 3), "Where", "Range", "RoiAlign", "Scatter", "ScatterElements", "InstanceNormalization", "GroupNormalization"),
        .. InBranch(Of("", new(3, 6) { Outputs = 2, FirstOutputIsOptional = true }, "GRU", "RNN")),
        .. InBranch(Of("", new(3, 8) { Outputs = 3, FirstOutputIsOptional = true }, "LSTM")),
        .. Of(Microsoft, new(1, 1), "Gelu", "QuickGelu"),
        .. Of(Microsoft, new(1, 2), "FastGelu"),
        .. Of(Microsoft, new(2, 2), "BiasGelu"),
    ];

    /// <summary>Those of networks that are quantized already. Of some nothing is known but that.</summary>
    private static readonly OperatorEntry[] Quantized =
    [
        .. Of("", new(1, 1) { LeastOutputs = 3, Outputs = 3 }, "DynamicQuantizeLinear"),
        .. Of("", new(2, 3), "QuantizeLinear", "DequantizeLinear"),
        .. InBranch(Of("", new(2, 4), "ConvInteger", "MatMulInteger")),
        .. InBranch(Of("", new(8, 8), "QLinearMatMul")),
        .. InBranch(Of("", new(8, 9), "QLinearConv")),
        .. Of(Microsoft, new(2, 3), "QuantizeLinear", "DequantizeLinear"),
        .. Of(Microsoft, new(1, 1) { LeastOutputs = 3, Outputs = 3 }, "DynamicQuantizeLinear"),
        .. Of(Microsoft, new(4, 5) { MayBeEmpty = [2] }, "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", "QLinearAveragePool",
            "QLinearGlobalAveragePool"),
        .. Of(Microsoft, new(4, 7), "MatMulIntegerToFloat"),
        .. Of(Microsoft, new(5, OperatorForm.Any) { MayBeEmpty = [1] }, "QLinearConcat"),
        .. Of(Microsoft, new(6, 9) { MayBeEmpty = [2, 5] }, "QGemm"),
        .. Of(Microsoft, new(7, 8) { MayBeEmpty = [2, 5] }, "QLinearAdd", "QLinearMul"),
        .. Of(Microsoft, null, "QuantizeWithOrder", "DequantizeWithOrder", "QuantizeBFP", "DequantizeBFP", "QLinearConv",
            "QLinearConvTranspose", "QLinearReduceMean", "QLinearSub", "QLinearWhere", "DynamicQuantizeMatMul", "DynamicQuantizeLSTM",
            "MatMulInteger16", "MulInteger", "ReduceSumInteger", "QAttention", "QEmbedLayerNormalization", "QMoE", "QOrderedAttention",
            "QOrderedGelu", "QOrderedLayerNormalization", "QOrderedLongformerAttention", "QOrderedMatMul", "MatMulNBits",
            "MatMulNBitsMlp", "MatMulNBitsQkv", "MatMulBnb4", "MatMulFpQ4", "GatherBlockQuantized"),
    ];

    private static readonly FrozenDictionary<string, OperatorEntry> Standard = Table(""), Extensions = Table(Microsoft);

    /// <summary>All rows: ONNX's operators first, then ONNX Runtime's, each sorted by name.</summary>
    public static IEnumerable<OperatorEntry> All => Sorted(Standard).Concat(Sorted(Extensions));

    /// <summary>The row of an operator, or null where nothing knows it.</summary>
    public static OperatorEntry? Find(string domain, string opType) => domain switch
    {
        "" => Standard.GetValueOrDefault(opType),
        Microsoft => Extensions.GetValueOrDefault(opType),
        _ => null,
    };

    /// <summary>The row of a node's operator, or null.</summary>
    public static OperatorEntry? Find(Node node) => Find(node.Domain, node.OpType);

    /// <summary>The operator whose rules a node follows: its own, or that which it is a case of.</summary>
    public static string KindOf(Node node) => Find(node)?.Spelled?.OpType ?? node.OpType;

    /// <summary>A node as the operator that it is a case of, by the shape that it reads; itself where it is no such case.</summary>
    /// <returns>Null where too little of the shape is known.</returns>
    public static Node? Spelled(Node node, Shape? input) =>
        Find(node)?.Spelled is not { } spelling ? node : input is { } shape ? spelling.Of(node, shape) : null;

    /// <summary>How a node takes part in an int8 network; what is not listed runs in float.</summary>
    public static OperatorRole RoleOf(Node node) => Find(node)?.Role ?? OperatorRole.Float;

    /// <summary>Which sum of products a node is, or null.</summary>
    public static ProductKind? ProductOf(Node node) => Find(node)?.Product;

    /// <summary>In how many groups the channels of a sum of products are; only convolutions have such.</summary>
    public static int GroupsOf(Node node) =>
        ProductOf(node) is ProductKind.Convolution or ProductKind.TransposedConvolution ? (int)node.Int("group", 1) : 1;

    private static OperatorEntry Product(string name, OperatorForm form, ProductKind kind) =>
        new("", name, form) { Role = OperatorRole.Linear, Product = kind, JoinsActivation = true };

    private static OperatorEntry Computes(string name, OperatorForm form) => new("", name, form) { Role = OperatorRole.Arithmetic };

    private static OperatorEntry Function(string name) => Computes(name, new(1, 1)) with { KeepsShape = true };

    private static OperatorEntry Moves(string name, OperatorForm form) => new("", name, form) { Role = OperatorRole.PassThrough };

    private static IEnumerable<OperatorEntry> Of(string domain, OperatorForm? form, params string[] operators) =>
        operators.Select(o => new OperatorEntry(domain, o, form));

    private static IEnumerable<OperatorEntry> InBranch(IEnumerable<OperatorEntry> rows) => rows.Select(e => e with { StaysInBranch = true });

    private static FrozenDictionary<string, OperatorEntry> Table(string domain) =>
        Quantizable.Concat(Others).Concat(Quantized.Select(e => e with { IsOfIntegers = true })).Where(e => e.Domain == domain)
            .ToFrozenDictionary(e => e.OpType, StringComparer.Ordinal);

    private static IEnumerable<OperatorEntry> Sorted(FrozenDictionary<string, OperatorEntry> table) =>
        table.Values.OrderBy(e => e.OpType, StringComparer.Ordinal);
}
