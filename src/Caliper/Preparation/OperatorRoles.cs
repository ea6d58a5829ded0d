using Caliper.Graphs;
using Caliper.Statistics;

namespace Caliper.Preparation;

/// <summary>What <see cref="OperatorCatalogue"/> says of a node. What is not listed there runs in float.</summary>
internal static class OperatorRoles
{
    public static OperatorRole Of(Node node) => OperatorCatalogue.Find(node.Domain, node.OpType)?.Role ?? OperatorRole.Float;

    public static bool HasIntegerKernel(Node node) => OperatorCatalogue.Find("", node.OpType) is not { HasIntegerKernel: false };

    public static RealRange? FixedRange(Node node) => OperatorCatalogue.Find("", node.OpType)?.FixedRange;

    /// <summary>The inputs that carry activations; the others are shapes, axes, weights and the like.</summary>
    public static IEnumerable<string> DataInputs(Node node) =>
        OperatorCatalogue.Find(node.Domain, node.OpType) is { TakesSeveral: true } ? node.Inputs : node.Inputs.Take(1);
}
