using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>The form of every operator that some part of Caliper knows. A node is held against it before anything else reads the
/// node: whoever comes later finds the inputs, outputs and kinds of attributes that its operator has.</summary>
internal static class OperatorForms
{
    private static readonly (string, int, long)[] Axes = [("axes", 1, 18)], AxesSince13 = [("axes", 1, 13)];

    private static readonly FrozenDictionary<string, OperatorForm> Standard = Join(
        Of(new(0, 0), "Constant", "RandomNormal", "RandomUniform"),
        Of(new(1, 1),
            "Abs", "Acos", "Acosh", "Asin", "Asinh", "Atan", "Atanh", "BitwiseNot", "Ceil", "Celu", "Cos", "Cosh", "Elu", "Erf", "Exp", "Floor",
            "Gelu", "HardSigmoid", "HardSwish", "Hardmax", "LRN", "LeakyRelu", "Log", "LogSoftmax", "LpNormalization",
            "MeanVarianceNormalization", "Mish", "Neg", "Not", "Reciprocal", "Relu", "Round", "Selu", "Shrink", "Sigmoid", "Sign", "Sin", "Sinh",
            "Softmax", "Softplus", "Softsign", "Sqrt", "Tan", "Tanh", "ThresholdedRelu", "IsInf", "IsNaN", "Identity", "Cast",
            "RandomNormalLike", "RandomUniformLike", "AveragePool", "LpPool", "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool", "Flatten",
            "Transpose", "DepthToSpace", "SpaceToDepth", "NonZero", "ArgMax", "ArgMin", "ConstantOfShape", "Shape", "Size"),
        Of(new(1, 1) { Outputs = 2 }, "MaxPool"),
        Of(new(1, 1) { LeastOutputs = 3, Outputs = 3 }, "DynamicQuantizeLinear"),
        Of(new(1, 2), "Trilu"),
        Of(new(1, 2) { Moved = AxesSince13 }, "Squeeze", "ReduceSum"),
        Of(new(1, 2) { Moved = AxesSince13, LeastOnceMoved = 2 }, "Unsqueeze"),
        Of(new(1, 2) { Moved = Axes }, "ReduceL1", "ReduceL2", "ReduceLogSum", "ReduceLogSumExp", "ReduceMax",
            "ReduceMean", "ReduceMin", "ReduceProd", "ReduceSumSquare"),
        Of(new(1, 2) { Outputs = OperatorForm.Any, Moved = [("split", 1, 13)] }, "Split"),
        Of(new(1, 2) { Moved = [("scales", 1, 9)], LeastOnceMoved = 2 }, "Upsample"),
        Of(new(1, 2) { LeastOutputs = 1, Outputs = 2, FirstOutputIsOptional = true, Moved = [("k", 1, 10)], LeastOnceMoved = 2 }, "TopK"),
        Of(new(1, 3) { Outputs = 2, Moved = [("ratio", 1, 12)] }, "Dropout"),
        Of(new(1, 3) { Moved = [("min", 1, 11), ("max", 2, 11)] }, "Clip"),
        Of(new(1, 4) { Moved = [("pads", 1, 11), ("value", 2, 11)], LeastOnceMoved = 2 }, "Pad"),
        Of(new(1, 4), "Resize"),
        Of(new(1, 5) { Moved = [("starts", 1, 10), ("ends", 2, 10), ("axes", 3, 10)], LeastOnceMoved = 3 }, "Slice"),
        Of(new(1, OperatorForm.Any), "Concat", "Max", "Mean", "Min", "Sum"),
        Of(new(2, 2),
            "Add", "And", "BitShift", "BitwiseAnd", "BitwiseOr", "BitwiseXor", "Div", "Mod", "Mul", "Or", "Pow", "Sub", "Xor", "PRelu", "CumSum",
            "Equal", "Greater", "GreaterOrEqual", "Less", "LessOrEqual", "CastLike", "MatMul", "Reshape", "Expand", "Tile", "Gather",
            "GatherElements", "GatherND", "ReverseSequence"),
        Of(new(2, 3), "Conv", "ConvTranspose", "Gemm", "QuantizeLinear", "DequantizeLinear"),
        Of(new(2, 3) { Outputs = 3 }, "LayerNormalization"),
        Of(new(2, 4), "ConvInteger", "MatMulInteger"),
        Of(new(2, 5), "NonMaxSuppression"),
        Of(new(3, 3), "Where", "Range", "OneHot", "RoiAlign", "Scatter", "ScatterElements", "ScatterND",
            "InstanceNormalization", "GroupNormalization"),
        Of(new(3, 6) { Outputs = 2, FirstOutputIsOptional = true }, "GRU", "RNN"),
        Of(new(3, 8) { Outputs = 3, FirstOutputIsOptional = true }, "LSTM"),
        Of(new(5, 5) { Outputs = 5 }, "BatchNormalization"),
        Of(new(8, 8), "QLinearMatMul"),
        Of(new(8, 9), "QLinearConv"));

    private static readonly FrozenDictionary<string, OperatorForm> Microsoft = Join(
        Of(new(1, 1), "Gelu", "QuickGelu"),
        Of(new(1, 2), "FastGelu"),
        Of(new(2, 2), "BiasGelu"),
        Of(new(2, 3), "QuantizeLinear", "DequantizeLinear"),
        Of(new(1, 1) { LeastOutputs = 3, Outputs = 3 }, "DynamicQuantizeLinear"),
        Of(new(4, 5) { MayBeEmpty = [2] }, "QLinearSigmoid", "QLinearLeakyRelu", "QLinearSoftmax", "QLinearAveragePool", "QLinearGlobalAveragePool"),
        Of(new(4, 7), "MatMulIntegerToFloat"),
        Of(new(5, OperatorForm.Any) { MayBeEmpty = [1] }, "QLinearConcat"),
        Of(new(6, 9) { MayBeEmpty = [2, 5] }, "QGemm"),
        Of(new(7, 8) { MayBeEmpty = [2, 5] }, "QLinearAdd", "QLinearMul"));

    private static readonly FrozenDictionary<string, OperatorForm> WithMoved =
        Standard.Where(row => row.Value.Moved.Length > 0).ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>The form of an operator, or null where nothing knows it.</summary>
    public static OperatorForm? Find(string domain, string opType) => domain switch
    {
        "" => Standard.GetValueOrDefault(opType),
        "com.microsoft" => Microsoft.GetValueOrDefault(opType),
        _ => null,
    };

    /// <summary>Refuses a node that does not have its operator's form; nodes of operators that nothing knows pass.</summary>
    /// <exception cref="CaliperException">Inputs, outputs or attributes are wrong; the message names the node.</exception>
    public static void Check(Node node)
    {
        if (Find(node.Domain, node.OpType) is not { } form) return;
        form.Check(node);
        foreach (var (name, value) in node.Attributes)
            if (AttributeKinds.Expected(node.OpType, name) is { } kind && kind != value.GetType())
                throw NodeFault.Of(node, $"has an attribute '{name}' of the kind {value.GetType().Name}, not {kind.Name}");
    }

    /// <summary>Refuses nodes that another version of the operators would have.</summary>
    /// <exception cref="CaliperException">What became an input is an attribute still, or missing; the message names the node.</exception>
    public static void CheckVersion(Model model)
    {
        if (!model.Opsets.TryGetValue("", out var version)) return;
        foreach (var node in model.Graph.Nodes)
            if (node.Domain.Length == 0 && WithMoved.TryGetValue(node.OpType, out var form)) form.Check(node, version);
    }

    private static IEnumerable<KeyValuePair<string, OperatorForm>> Of(OperatorForm form, params string[] operators) =>
        operators.Select(o => KeyValuePair.Create(o, form));

    private static FrozenDictionary<string, OperatorForm> Join(params IEnumerable<KeyValuePair<string, OperatorForm>>[] rows) =>
        rows.SelectMany(r => r).ToFrozenDictionary(StringComparer.Ordinal);
}
