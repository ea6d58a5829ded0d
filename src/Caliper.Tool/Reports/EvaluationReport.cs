namespace Caliper.Tool.Reports;

/// <summary>The result of <c>evaluate</c> of one model. What was not measured is null and left out.</summary>
internal sealed record EvaluationReport
{
    /// <summary>The model's file.</summary>
    public required string Model { get; init; }

    /// <summary>What it was evaluated on.</summary>
    public required DataReport Evaluation { get; init; }

    /// <summary>Top-1 accuracy in percent.</summary>
    public double? Acc1 { get; init; }

    /// <summary>Top-5 accuracy in percent.</summary>
    public double? Acc5 { get; init; }

    /// <summary>Mean cross-entropy in nats.</summary>
    public double? Loss { get; init; }

    /// <summary>Size of the file.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Median time of a forward pass over one sample.</summary>
    public required double LatencyMilliseconds { get; init; }

    /// <summary>Seconds that each stage took.</summary>
    public required IReadOnlyDictionary<string, double> Stages { get; init; }

    /// <summary>The most memory the process had at once.</summary>
    public required long PeakMemoryBytes { get; init; }

    /// <summary>What is to be said about who ran the model.</summary>
    public required DiagnosticReport[] Diagnostics { get; init; }
}
