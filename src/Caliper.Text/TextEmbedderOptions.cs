using Caliper.Evaluation;

namespace Caliper.Text;

/// <summary>How a network makes a vector of a text. The network's makers say which it was trained with.</summary>
public sealed record TextEmbedderOptions
{
    /// <summary>How the tokens' vectors become one.</summary>
    public Pooling Pooling { get; init; } = Pooling.Mean;

    /// <summary>Whether a vector is divided by its length, so that a product of two is their cosine.</summary>
    public bool Normalize { get; init; } = true;

    /// <summary>The most tokens of a text, special tokens included; null for the network's own length, and
    /// <see cref="TokenInputs.DefaultMaxLength"/> where that is free. A longer text loses its end.</summary>
    public int? MaxLength { get; init; }

    /// <summary>Threads within one forward pass; 0 for one per physical core.</summary>
    public int Threads { get; init; }
}
