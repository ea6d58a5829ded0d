namespace Caliper.Operators;

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
