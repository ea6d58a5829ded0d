using System.Collections.Frozen;
using Caliper.Engine.Importing;
using Caliper.Graphs.Shapes;

namespace Caliper.Preparation;

/// <summary>
/// Every operator that some part of Caliper knows, one row each. Those that an int8 network may hold are listed here with their
/// role; the others are what shape inference and the engine know besides, and run in float. docs/8-operators.md is this table.
/// </summary>
internal static class OperatorCatalogue
{
    private const string Microsoft = "com.microsoft";

    private static readonly OperatorEntry[] Quantizable =
    [
        new("", "Conv", OperatorRole.Linear) { QOperator = "QLinearConv" },
        new("", "ConvTranspose", OperatorRole.Linear) { HasIntegerKernel = false },
        new("", "Gemm", OperatorRole.Linear) { QOperator = "QGemm" },
        new("", "MatMul", OperatorRole.Linear) { TakesSeveral = true, QOperator = "QLinearMatMul" },
        new("", "Add", OperatorRole.Arithmetic) { TakesSeveral = true, QOperator = "QLinearAdd" },
        new("", "Mul", OperatorRole.Arithmetic) { TakesSeveral = true, QOperator = "QLinearMul" },
        new("", "AveragePool", OperatorRole.Arithmetic) { QOperator = "QLinearAveragePool" },
        new("", "GlobalAveragePool", OperatorRole.Arithmetic) { QOperator = "QLinearGlobalAveragePool" },
        new("", "Sigmoid", OperatorRole.Arithmetic) { QOperator = "QLinearSigmoid", FixedRange = (0, 1) },
        new("", "LeakyRelu", OperatorRole.Arithmetic) { QOperator = "QLinearLeakyRelu" },
        new("", "Softmax", OperatorRole.Arithmetic) { QOperator = "QLinearSoftmax", FixedRange = (0, 1) },
        new("", "Tanh", OperatorRole.Arithmetic) { FixedRange = (-1, 1), HasIntegerKernel = false },
        new("", "HardSigmoid", OperatorRole.Arithmetic) { FixedRange = (0, 1), HasIntegerKernel = false },
        new("", "HardSwish", OperatorRole.Arithmetic) { HasIntegerKernel = false },
        new("", "Elu", OperatorRole.Arithmetic) { HasIntegerKernel = false },
        new("", "Selu", OperatorRole.Arithmetic) { HasIntegerKernel = false },
        new("", "Celu", OperatorRole.Arithmetic) { HasIntegerKernel = false },
        new("", "Softplus", OperatorRole.Arithmetic) { HasIntegerKernel = false },
        new("", "Softsign", OperatorRole.Arithmetic) { HasIntegerKernel = false },
        new("", "Gelu", OperatorRole.Arithmetic) { HasIntegerKernel = false },
        new("", "Mish", OperatorRole.Arithmetic) { HasIntegerKernel = false },
        new("", "Relu", OperatorRole.PassThrough),
        new("", "Clip", OperatorRole.PassThrough),
        new("", "MaxPool", OperatorRole.PassThrough),
        new("", "Reshape", OperatorRole.PassThrough),
        new("", "Flatten", OperatorRole.PassThrough),
        new("", "Transpose", OperatorRole.PassThrough),
        new("", "Squeeze", OperatorRole.PassThrough),
        new("", "Unsqueeze", OperatorRole.PassThrough),
        new("", "Slice", OperatorRole.PassThrough),
        new("", "Split", OperatorRole.PassThrough),
        new("", "Pad", OperatorRole.PassThrough),
        new("", "Gather", OperatorRole.PassThrough),
        new("", "Expand", OperatorRole.PassThrough),
        new("", "Tile", OperatorRole.PassThrough),
        new("", "Identity", OperatorRole.PassThrough),
        new("", "Resize", OperatorRole.PassThrough),
        new("", "Concat", OperatorRole.Join) { TakesSeveral = true },
    ];

    /// <summary>Operators of networks that are quantized already, beside those that <see cref="Quantizable"/> names.</summary>
    private static readonly (string Domain, string[] Operators)[] OfIntegers =
    [
        ("", ["QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "ConvInteger", "MatMulInteger", "QLinearConv", "QLinearMatMul"]),
        (Microsoft,
        [
            "QuantizeLinear", "DequantizeLinear", "DynamicQuantizeLinear", "QuantizeWithOrder", "DequantizeWithOrder", "QuantizeBFP",
            "DequantizeBFP", "QLinearConv", "QLinearConvTranspose", "QLinearConcat", "QLinearReduceMean", "QLinearSub", "QLinearWhere",
            "DynamicQuantizeMatMul", "DynamicQuantizeLSTM", "MatMulIntegerToFloat", "MatMulInteger16", "MulInteger", "ReduceSumInteger",
            "QAttention", "QEmbedLayerNormalization", "QMoE", "QOrderedAttention", "QOrderedGelu", "QOrderedLayerNormalization",
            "QOrderedLongformerAttention", "QOrderedMatMul", "MatMulNBits", "MatMulNBitsMlp", "MatMulNBitsQkv", "MatMulBnb4", "MatMulFpQ4",
            "GatherBlockQuantized",
        ]),
    ];

    private static readonly FrozenDictionary<(string, string), OperatorEntry> Rows = Join();

    /// <summary>All rows: ONNX's operators first, then ONNX Runtime's, each sorted by name.</summary>
    public static IEnumerable<OperatorEntry> All => Rows.Values
        .OrderBy(e => e.Domain, StringComparer.Ordinal).ThenBy(e => e.OpType, StringComparer.Ordinal);

    /// <summary>The row of an operator, or null where nothing knows it.</summary>
    public static OperatorEntry? Find(string domain, string opType) => Rows.GetValueOrDefault((domain, opType));

    private static FrozenDictionary<(string, string), OperatorEntry> Join()
    {
        var rows = Quantizable.ToDictionary(e => (e.Domain, e.OpType));
        foreach (var name in RuleTable.Operators.Concat(OperatorTable.Operators(""))) Add("", name);
        foreach (var name in RuleTable.MicrosoftOperators.Concat(OperatorTable.Operators(Microsoft))) Add(Microsoft, name);
        foreach (var (domain, names) in OfIntegers)
            foreach (var name in names) rows[(domain, name)] = new(domain, name, OperatorRole.Float) { IsOfIntegers = true };
        foreach (var name in Quantizable.Select(e => e.QOperator).OfType<string>())
            foreach (var domain in new[] { "", Microsoft }.Where(d => rows.ContainsKey((d, name))))
                rows[(domain, name)] = rows[(domain, name)] with { IsOfIntegers = true };
        return rows.ToFrozenDictionary();

        void Add(string domain, string name) => rows.TryAdd((domain, name), new(domain, name, OperatorRole.Float));
    }
}
