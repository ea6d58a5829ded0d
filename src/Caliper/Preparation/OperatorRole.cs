using System.Collections.Frozen;
using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>How an operator takes part in an int8 network.</summary>
public enum OperatorRole
{
    /// <summary>It has no int8 form and runs in float.</summary>
    Float,

    /// <summary>A sum of products, exact in int32: convolution, linear layer, matrix product.</summary>
    Linear,

    /// <summary>It makes new values, which need a scale of their own: addition, average, sigmoid.</summary>
    Arithmetic,

    /// <summary>It only selects, moves or cuts off values; its output has the scale and zero point of its input.</summary>
    PassThrough,

    /// <summary>It puts several tensors into one, so that all of them share one scale and zero point.</summary>
    Join,
}

/// <summary>The role of each operator. What is not listed runs in float.</summary>
internal static class OperatorRoles
{
    private static readonly FrozenDictionary<string, OperatorRole> Roles = new Dictionary<string, OperatorRole>
    {
        ["Conv"] = OperatorRole.Linear,
        ["ConvTranspose"] = OperatorRole.Linear,
        ["Gemm"] = OperatorRole.Linear,
        ["MatMul"] = OperatorRole.Linear,
        ["Add"] = OperatorRole.Arithmetic,
        ["Mul"] = OperatorRole.Arithmetic,
        ["AveragePool"] = OperatorRole.Arithmetic,
        ["GlobalAveragePool"] = OperatorRole.Arithmetic,
        ["Sigmoid"] = OperatorRole.Arithmetic,
        ["LeakyRelu"] = OperatorRole.Arithmetic,
        ["Softmax"] = OperatorRole.Arithmetic,
        ["Tanh"] = OperatorRole.Arithmetic,
        ["HardSigmoid"] = OperatorRole.Arithmetic,
        ["HardSwish"] = OperatorRole.Arithmetic,
        ["Elu"] = OperatorRole.Arithmetic,
        ["Selu"] = OperatorRole.Arithmetic,
        ["Celu"] = OperatorRole.Arithmetic,
        ["Softplus"] = OperatorRole.Arithmetic,
        ["Softsign"] = OperatorRole.Arithmetic,
        ["Gelu"] = OperatorRole.Arithmetic,
        ["Mish"] = OperatorRole.Arithmetic,
        ["Relu"] = OperatorRole.PassThrough,
        ["Clip"] = OperatorRole.PassThrough,
        ["MaxPool"] = OperatorRole.PassThrough,
        ["Reshape"] = OperatorRole.PassThrough,
        ["Flatten"] = OperatorRole.PassThrough,
        ["Transpose"] = OperatorRole.PassThrough,
        ["Squeeze"] = OperatorRole.PassThrough,
        ["Unsqueeze"] = OperatorRole.PassThrough,
        ["Slice"] = OperatorRole.PassThrough,
        ["Split"] = OperatorRole.PassThrough,
        ["Pad"] = OperatorRole.PassThrough,
        ["Gather"] = OperatorRole.PassThrough,
        ["Expand"] = OperatorRole.PassThrough,
        ["Tile"] = OperatorRole.PassThrough,
        ["Identity"] = OperatorRole.PassThrough,
        ["Resize"] = OperatorRole.PassThrough,
        ["Concat"] = OperatorRole.Join,
    }.ToFrozenDictionary(StringComparer.Ordinal);

    /// <summary>Operators that ONNX Runtime computes in float even between QuantizeLinear and DequantizeLinear.</summary>
    private static readonly FrozenSet<string> WithoutIntegerKernel = FrozenSet.ToFrozenSet(
        ["ConvTranspose", "Tanh", "HardSigmoid", "HardSwish", "Elu", "Selu", "Celu", "Softplus", "Softsign", "Gelu", "Mish"],
        StringComparer.Ordinal);

    /// <summary>Operators whose range is known without looking, as PyTorch's fixed-qparams operators: lower and upper bound.</summary>
    private static readonly FrozenDictionary<string, (float Min, float Max)> FixedRanges = new Dictionary<string, (float, float)>
    {
        ["Sigmoid"] = (0, 1),
        ["HardSigmoid"] = (0, 1),
        ["Softmax"] = (0, 1),
        ["Tanh"] = (-1, 1),
    }.ToFrozenDictionary(StringComparer.Ordinal);

    public static OperatorRole Of(Node node) => node.Domain is "" ? Roles.GetValueOrDefault(node.OpType) : OperatorRole.Float;

    public static bool HasIntegerKernel(Node node) => !WithoutIntegerKernel.Contains(node.OpType);

    public static (float Min, float Max)? FixedRange(Node node) => FixedRanges.TryGetValue(node.OpType, out var range) ? range : null;

    /// <summary>The inputs that carry activations; the others are shapes, axes, weights and the like.</summary>
    public static IEnumerable<string> DataInputs(Node node) => Of(node) switch
    {
        OperatorRole.Join => node.Inputs,
        OperatorRole.Arithmetic when node.OpType is "Add" or "Mul" => node.Inputs,
        OperatorRole.Linear when node.Is("MatMul") => node.Inputs,
        _ => node.Inputs.Take(1),
    };
}
