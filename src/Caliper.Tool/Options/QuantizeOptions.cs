using Caliper.Conversion;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper quantize</c> was asked to do.</summary>
internal sealed record QuantizeOptions
{
    /// <summary>The float model.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>What calibrates; null where statistics do.</summary>
    public required DataOptions? Data { get; init; }

    /// <summary>The statistics that take the data's place; null for none.</summary>
    public string? Calibration { get; init; }

    /// <summary>The ranges batch by batch that belong to the statistics; null for none.</summary>
    public string? Trace { get; init; }

    /// <summary>What both models are evaluated on; null for the calibration data, or for nothing where there is none.</summary>
    public DataOptions? TestData { get; init; }

    /// <summary>Batches to calibrate with.</summary>
    public int Batches { get; init; } = CalibrationBatches.Default;

    /// <summary>Where the int8 model goes.</summary>
    public required string Output { get; init; }

    /// <summary>Which observers, where.</summary>
    public SchemeOptions Scheme { get; init; } = new();

    /// <summary>How the int8 model is written down.</summary>
    public ConvertOptions Convert { get; init; } = new();

    /// <summary>Whether an existing output may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Where the page for people goes; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>Percentage points of top-1 accuracy that may be lost; null for any.</summary>
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>Who runs the int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>How the command talks.</summary>
    public OutputOptions Talk { get; init; } = new();
}
