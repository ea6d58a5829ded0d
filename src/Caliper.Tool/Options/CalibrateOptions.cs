namespace Caliper.Tool.Options;

/// <summary>What <c>caliper calibrate</c> was asked to do.</summary>
internal sealed record CalibrateOptions
{
    /// <summary>The float model.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>What calibrates.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Batches to calibrate with.</summary>
    public int Batches { get; init; } = CalibrationBatches.Default;

    /// <summary>Which share of these is this process's.</summary>
    public Shard Shard { get; init; } = new(1, 1);

    /// <summary>Where the statistics go.</summary>
    public required string Output { get; init; }

    /// <summary>Where each batch's ranges go; null for nowhere.</summary>
    public string? Trace { get; init; }

    /// <summary>Where the page for people goes; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>Whether the statistics that are there already are continued.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether to stop as soon as no range moves any more.</summary>
    public bool UntilStable { get; init; }

    /// <summary>Whether to show the layers that move most while it runs.</summary>
    public bool Watch { get; init; }

    /// <summary>The range method that convergence is judged by.</summary>
    public string Method { get; init; } = Scheme.DefaultMethod;

    /// <summary>Seconds between saves while it runs: what a killed process loses at most.</summary>
    public double SaveEvery { get; init; } = 5;

    /// <summary>Whether an existing output may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>How the command talks.</summary>
    public OutputOptions Talk { get; init; } = new();
}
