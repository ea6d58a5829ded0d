using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>Along which axis of a linear layer's weights its output channels lie.</summary>
internal static class OutputAxis
{
    /// <summary>The axis.</summary>
    /// <param name="operation">A Conv, ConvTranspose, Gemm or MatMul.</param>
    /// <param name="rank">Number of axes of its weights.</param>
    public static int Of(Node operation, int rank) => operation.OpType switch
    {
        "Conv" => 0,
        "ConvTranspose" => 1,
        "Gemm" => operation.Int("transB", 0) != 0 ? 0 : 1,
        _ => rank - 1,
    };
}
