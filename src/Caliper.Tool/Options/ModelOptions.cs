namespace Caliper.Tool.Options;

/// <summary>Which model, and how it is run.</summary>
internal sealed record ModelOptions
{
    /// <summary>An <c>.onnx</c> file, or a checkpoint.</summary>
    public required string Path { get; init; }

    /// <summary>The network that a checkpoint's weights belong to.</summary>
    public string? Architecture { get; init; }

    /// <summary>Threads within one forward pass; 0 for one per physical core.</summary>
    public int Threads { get; init; }
}
