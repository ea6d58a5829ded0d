using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>What a Gemm does with its operands: <c>alpha·A·B + beta·C</c>, A and B perhaps transposed.</summary>
internal readonly record struct GemmForm(bool TransposesA, bool TransposesB, float Alpha, float Beta)
{
    /// <summary>Reads a node.</summary>
    public static GemmForm Of(Node node) =>
        new(node.Int("transA", 0) != 0, node.Int("transB", 0) != 0, node.Float("alpha", 1), node.Float("beta", 1));
}
