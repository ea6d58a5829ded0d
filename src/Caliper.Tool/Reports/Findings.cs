using System.Globalization;
using Caliper.Analysis;
using Caliper.Calibration.Convergence;
using Caliper.Evaluation;

namespace Caliper.Tool.Reports;

/// <summary>What a command measured of two models, as the library has it.</summary>
/// <param name="Comparison">How both do; null where there was no data to tell.</param>
internal sealed record Findings(ComparisonResult? Comparison)
{
    // Times of a busy machine differ by as much.
    private const double Slower = 1.05;

    /// <summary>The loss of accuracy that somebody allows, in percentage points; null for nobody.</summary>
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>Whether the data lie within the int8 model's ranges; null where nobody looked.</summary>
    public DomainReport? Domain { get; init; }

    /// <summary>Whether more data would change the ranges; null where nobody kept what calibration saw.</summary>
    public ConvergenceVerdict? Convergence { get; init; }

    /// <summary>Times as long as float that int8 takes where it will run; null where nobody looked.</summary>
    public double? SlowerThanFloat { get; init; }

    /// <summary>What the figures do not tell by themselves, a paragraph each.</summary>
    public IEnumerable<string> Notes()
    {
        if (AccuracyChangeReport.Tell(Comparison, MaxAccuracyDrop) is { } change) yield return change;
        foreach (var noisy in Comparison is null ? [] : NoisiestSampleReport.Tell(Comparison)) yield return noisy;
        if (Convergence is { } enough) yield return enough.Advice;
        if (TellSlower() is { } slower) yield return slower;
        if (Domain?.Tell() is { } alarm) yield return alarm;
    }

    private string? TellSlower() => SlowerThanFloat is { } ratio && ratio > Slower
        ? string.Create(CultureInfo.InvariantCulture, $"ONNX Runtime takes {ratio:F2} times as long for it as for float: ship the float model, ")
            + "or see with 'caliper bench --backend onnxruntime' whether other threads, batches or shapes tell otherwise."
        : null;
}
