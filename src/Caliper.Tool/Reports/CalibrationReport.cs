using Caliper.Calibration;
using Caliper.Calibration.Convergence;
using Caliper.Statistics;
using Caliper.Tool.Inputs;

namespace Caliper.Tool.Reports;

/// <summary>The result of <c>calibrate</c>, of <c>merge</c> and of <c>inspect</c> of a <c>.calib</c> file. What does not apply is
/// null and left out.</summary>
internal sealed record CalibrationReport
{
    /// <summary>The <c>.calib</c> file.</summary>
    public required string Calibration { get; init; }

    /// <summary>The float model's file.</summary>
    public string? Float { get; init; }

    /// <summary>The data.</summary>
    public string? Data { get; init; }

    /// <summary>The page for people, where one was asked for.</summary>
    public string? Report { get; init; }

    /// <summary>SHA-256 of the model that was observed.</summary>
    public required string Model { get; init; }

    /// <summary>Samples observed.</summary>
    public required int Samples { get; init; }

    /// <summary>Finite values observed, over all tensors.</summary>
    public required long Values { get; init; }

    /// <summary>Size of the file.</summary>
    public required long SizeBytes { get; init; }

    /// <summary>Whether the run was interrupted before its last sample.</summary>
    public bool IsInterrupted { get; init; }

    /// <summary>Whether there was enough data.</summary>
    public ConvergenceReport? Convergence { get; init; }

    /// <summary>The tensors, by name.</summary>
    public required TensorReport[] Tensors { get; init; }

    /// <summary>Seconds that each stage took.</summary>
    public IReadOnlyDictionary<string, double>? Stages { get; init; }

    /// <summary>The most memory the process had at once.</summary>
    public long? PeakMemoryBytes { get; init; }

    /// <summary>What is odd about the data or the model.</summary>
    public DiagnosticReport[] Diagnostics { get; init; } = [];

    /// <summary>What a file holds.</summary>
    public static CalibrationReport Of(string path, CalibrationStatistics statistics) => new()
    {
        Calibration = path,
        Model = statistics.Model,
        Samples = statistics.Samples.Count,
        Values = statistics.Tensors.Values.Sum(t => t.All.Count),
        SizeBytes = ModelFile.SizeOf(path),
        Tensors = [.. statistics.Tensors.Select(t => TensorReport.Of(t.Key, t.Value.All))],
    };
}

/// <summary>The statistics of one tensor.</summary>
internal sealed record TensorReport(string Name, long Samples, long Values, double ZeroShare, float Min, float Max, double Mean, double Deviation,
    string? MinSample, string? MaxSample, int Channels)
{
    public static TensorReport Of(string name, TensorStatistics statistics)
    {
        var channels = statistics.Channels;
        var count = Math.Max(1, statistics.Count);
        var mean = channels.Sum(c => c.Mean * c.Count) / count;
        var variance = channels.Sum(c => c.Count * (c.Variance + (c.Mean - mean) * (c.Mean - mean))) / count;
        return new(name, statistics.Samples, statistics.Count, (double)statistics.Zeros / count, statistics.Min, statistics.Max, mean,
            Math.Sqrt(variance),
            statistics.Least is [var least, ..] ? least.Sample : null, statistics.Greatest is [var greatest, ..]
                ? greatest.Sample : null, channels.Length);
    }
}

/// <summary>Whether there was enough data, in words and for the tensors that are not settled.</summary>
internal sealed record ConvergenceReport(string Verdict, bool IsStable, int? StableAfter, double MedianDisagreement, MovingReport[] Moving)
{
    public static ConvergenceReport Of(ConvergenceVerdict verdict)
    {
        var disagreements = verdict.Tensors.Select(t => t.Disagreement).Order().ToArray();
        return new(verdict.ToString(), verdict.IsStable, verdict.StableAfter,
            Finite(disagreements.Length == 0 ? 0 : disagreements[disagreements.Length / 2]),
            [.. verdict.Tensors.Where(t => t.IsMoving)
                .Select(t => new MovingReport(t.Name, t.Parameters.Scale, Finite(t.Disagreement), Finite(t.Drift), Finite(t.LossDecibels)))]);
    }

    /// <summary>JSON has no infinity; what is beyond every measure is 1000.</summary>
    private static double Finite(double value) => Math.Min(value, 1000);
}

/// <summary>A tensor whose range half of the data does not tell.</summary>
internal sealed record MovingReport(string Name, float Scale, double Disagreement, double Drift, double LossDecibels);
