using System.Collections.Immutable;

namespace Caliper.Tool.Options;

/// <summary>Which observers, where.</summary>
internal sealed record SchemeOptions
{
    /// <summary>Name of a preset, or a JSON file.</summary>
    public string QConfig { get; init; } = "caliper";

    /// <summary>Takes the place of the qconfig's observer of activations.</summary>
    public string? Observer { get; init; }

    /// <summary>Patterns over names of layers that stay float.</summary>
    public ImmutableArray<string> Exclude { get; init; } = [];
}
