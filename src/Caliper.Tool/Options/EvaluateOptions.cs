namespace Caliper.Tool.Options;

/// <summary>What <c>caliper evaluate</c> was asked to do.</summary>
internal sealed record EvaluateOptions
{
    /// <summary>The model, float or int8.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>The float model that it is compared with; null to evaluate alone.</summary>
    public string? Against { get; init; }

    /// <summary>What it is evaluated on.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Batches to evaluate; null for all.</summary>
    public int? Batches { get; init; }

    /// <summary>Percentage points of top-1 accuracy that may be lost; null for any.</summary>
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>Who runs an int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>How the command talks.</summary>
    public OutputOptions Talk { get; init; } = new();
}
