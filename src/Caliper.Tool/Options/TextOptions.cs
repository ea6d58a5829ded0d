namespace Caliper.Tool.Options;

/// <summary>How text becomes network inputs.</summary>
internal sealed record TextOptions
{
    /// <summary>The tokenizer's file; null where the data is no text.</summary>
    public string? Tokenizer { get; init; }

    /// <summary>The most tokens of a text; null for the network's own length, or the default.</summary>
    public int? MaxLength { get; init; }
}
