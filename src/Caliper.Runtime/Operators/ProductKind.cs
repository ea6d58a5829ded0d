namespace Caliper.Operators;

/// <summary>The sums of products, which differ in how their weights lie.</summary>
internal enum ProductKind
{
    /// <summary>Weights [outputs, inputs / groups, window].</summary>
    Convolution,

    /// <summary>Weights [inputs, outputs / groups, window].</summary>
    TransposedConvolution,

    /// <summary>A matrix product with factors and a bias: weights [inputs, outputs]; with <c>transB</c> the other way round.</summary>
    Gemm,

    /// <summary>A stack of matrix products: the last axis of the weights counts outputs.</summary>
    MatMul,
}
