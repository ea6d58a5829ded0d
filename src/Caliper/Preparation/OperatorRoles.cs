using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Operators;
using Caliper.Statistics;

namespace Caliper.Preparation;

/// <summary>What <see cref="OperatorCatalogue"/> says of a node. What is not listed there runs in float.</summary>
internal static class OperatorRoles
{
    public static OperatorRole Of(Node node) => OperatorCatalogue.RoleOf(node);

    public static bool HasIntegerKernel(Node node) => OperatorCatalogue.Find("", node.OpType) is not { HasIntegerKernel: false };

    public static RealRange? FixedRange(Node node) =>
        OperatorCatalogue.Find("", node.OpType)?.FixedRange is (var min, var max) ? new(min, max) : null;

    /// <summary>Whether the node computes with quantized numbers. DequantizeLinear of a constant in 4 bits and the like does not: those
    /// are weights of a float network that its file stores so.</summary>
    public static bool IsOfIntegers(Node node, Graph graph) => node.Is("DequantizeLinear")
        ? graph.Constant(node.Input(0)) is not { } stored || !StoredWeights.IsNarrow(node, stored.Type)
        : OperatorCatalogue.Find(node.Domain == "ai.onnx" ? "" : node.Domain, node.OpType) is { IsOfIntegers: true };

    /// <summary>Whether a node multiplies a value by weights or another value, as a convolution does.</summary>
    public static bool Multiplies(Node node, string value) => Of(node) == OperatorRole.Linear && DataInputs(node).Contains(value);

    /// <summary>The inputs that carry activations; the others are shapes, axes, weights and the like.</summary>
    public static IEnumerable<string> DataInputs(Node node) =>
        OperatorCatalogue.Find(node) is { TakesSeveral: true } ? node.Inputs : node.Inputs.Take(1);
}
