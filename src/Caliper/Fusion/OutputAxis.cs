using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>Along which axis of a linear layer's weights its output channels lie.</summary>
internal static class OutputAxis
{
    /// <summary>The axis.</summary>
    /// <param name="operation">A sum of products.</param>
    /// <param name="rank">Number of axes of its weights.</param>
    public static int Of(Node operation, int rank) => OperatorCatalogue.ProductOf(operation) switch
    {
        ProductKind.Convolution => 0,
        ProductKind.TransposedConvolution => 1,
        ProductKind.Gemm => operation.Int("transB", 0) != 0 ? 0 : 1,
        _ => rank - 1,
    };
}
