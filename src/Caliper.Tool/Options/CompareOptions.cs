namespace Caliper.Tool.Options;

/// <summary>What <c>caliper compare</c> was asked to do.</summary>
internal sealed record CompareOptions
{
    /// <summary>The float model.</summary>
    public required ModelOptions Float { get; init; }

    /// <summary>The int8 model made from it.</summary>
    public required string Int8 { get; init; }

    /// <summary>What both run on.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Batches to compare on; null for all.</summary>
    public int? Batches { get; init; }

    /// <summary>Samples on which each int8 tensor is measured alone; null for a share of them.</summary>
    public int? SensitivitySamples { get; init; }

    /// <summary>After how many seconds no further sample is measured so.</summary>
    public double SensitivitySeconds { get; init; } = 20;

    /// <summary>Where the page for people goes; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>The statistics of the float model, for the page; null for none.</summary>
    public string? Calibration { get; init; }

    /// <summary>The ranges batch by batch that belong to the statistics; null for none.</summary>
    public string? Trace { get; init; }

    /// <summary>Whether the page may replace a file.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Who runs the int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>How the command talks.</summary>
    public OutputOptions Talk { get; init; } = new();
}
