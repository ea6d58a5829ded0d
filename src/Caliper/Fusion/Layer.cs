using Caliper.Fusion.Composites;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>
/// What quantization treats as one: an operation, and the bias and activation that are computed with it. An operation that the exporter wrote
/// in pieces, such as a layer norm, is one layer, too. Only the result of the whole is observed.
/// </summary>
/// <param name="Name">The module path where the file tells it (<c>layer1.0.conv1</c>), else the node's name.</param>
/// <param name="Operation">The operation itself; of one in pieces, the piece that makes the result.</param>
/// <param name="BiasAdd">The Add that is the bias of a MatMul, or null.</param>
/// <param name="Activation">The Relu or Clip joined to it, or null.</param>
public sealed record Layer(string Name, Node Operation, Node? BiasAdd, Node? Activation)
{
    /// <summary>The operation that the exporter wrote in pieces; null for most.</summary>
    internal Composite? Composite { get; init; }

    /// <summary>What a matrix product of two activations is called; null for all else.</summary>
    internal string? ProductOfActivations { get; init; }

    /// <summary>The nodes it is made of, in execution order.</summary>
    public IEnumerable<Node> Nodes => Composite?.Nodes ?? new[] { Operation, BiasAdd, Activation }.OfType<Node>();

    /// <summary>The values that leave the layer.</summary>
    public IEnumerable<string> Outputs => Nodes.Last().Outputs.Where(o => o.Length > 0);

    /// <summary>The first value that leaves the layer.</summary>
    public string Output => Nodes.Last().Output;

    /// <summary>The layer's kind in PyTorch's words, such as <c>ConvReLU2d</c>.</summary>
    public string Kind => Composite?.Kind ?? (ProductOfActivations ?? OperationKind) + (Activation is null ? "" : "ReLU") + Suffix;

    /// <summary>The operator type by which a <see cref="QConfigMapping"/> addresses it.</summary>
    public string OpType => Composite?.OpType ?? Operation.OpType;

    /// <summary>How it takes part in an int8 network.</summary>
    internal OperatorRole Role => Composite is null ? OperatorCatalogue.RoleOf(Operation) : OperatorRole.Float;

    private string OperationKind => Product is ProductKind.Gemm or ProductKind.MatMul ? "Linear" : Operation.OpType switch
    {
        "LayerNormalization" => "LayerNorm",
        "InstanceNormalization" => "InstanceNorm",
        "GroupNormalization" => "GroupNorm",
        "RMSNormalization" => "RMSNorm",
        "Gelu" => "GELU",
        "HardSwish" => "Hardswish",
        "HardSigmoid" => "Hardsigmoid",
        "LeakyRelu" => "LeakyReLU",
        "PRelu" => "PReLU",
        var other => other,
    };

    private string Suffix => Product is ProductKind.Convolution or ProductKind.TransposedConvolution
        && Operation.Ints("kernel_shape") is { Length: var axes } ? $"{axes}d" : "";

    private ProductKind? Product => OperatorCatalogue.ProductOf(Operation);

    /// <inheritdoc/>
    public override string ToString() => $"({Name}): {Kind}";
}
