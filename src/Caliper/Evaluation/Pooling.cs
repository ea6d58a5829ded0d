namespace Caliper.Evaluation;

/// <summary>How a network's output becomes one vector a sample. The network's makers say which it was trained with.</summary>
public enum Pooling
{
    /// <summary>The output is one already, of shape [N, H].</summary>
    None,

    /// <summary>The mean of the tokens' vectors, of shape [N, L, H], that the attention mask does not leave out.</summary>
    Mean,

    /// <summary>The first token's vector, <c>[CLS]</c>, of an output of shape [N, L, H].</summary>
    Cls,
}
