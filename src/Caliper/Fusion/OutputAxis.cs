using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>Along which axis of a linear layer's weights its output channels lie.</summary>
internal static class OutputAxis
{
    /// <summary>The axis. Of a transposed convolution in groups it is that of a group's channels, which all groups have in common; where a
    /// group is a single input channel, that of the groups.</summary>
    /// <param name="operation">A sum of products.</param>
    /// <param name="weights">The shape of its weights.</param>
    public static int Of(Node operation, Shape weights) => OperatorCatalogue.ProductOf(operation) switch
    {
        ProductKind.Convolution => 0,
        ProductKind.TransposedConvolution => OperatorCatalogue.GroupsOf(operation) is > 1 and var groups && weights[0].Length == groups ? 0 : 1,
        ProductKind.Gemm => operation.Int("transB", 0) != 0 ? 0 : 1,
        _ => weights.Rank - 1,
    };
}
