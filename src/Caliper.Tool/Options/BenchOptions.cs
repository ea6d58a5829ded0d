namespace Caliper.Tool.Options;

/// <summary>What <c>caliper bench</c> was asked to do.</summary>
internal sealed record BenchOptions
{
    /// <summary>The model, and the threads it runs on.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>What it is measured against: <c>onnxruntime</c> for the same model there, or another model; null for nothing.</summary>
    public string? Against { get; init; }

    /// <summary>Samples per run.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>How long both are measured together.</summary>
    public int Seconds { get; init; } = 5;

    /// <summary>Whether the time of every layer is told.</summary>
    public bool Layers { get; init; }

    /// <summary>Who runs an int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>How the command talks.</summary>
    public OutputOptions Talk { get; init; } = new();
}
