using Caliper.Evaluation;
using Caliper.Search;
using Caliper.Tool.Options;

namespace Caliper.Tool.Reports;

/// <summary>What running the candidates of a search gave.</summary>
internal sealed record TuningReport
{
    /// <summary>What quality is: <c>sqnr</c>, <c>agreement</c>, <c>accuracy</c>, <c>cosine</c> or <c>iou</c>.</summary>
    public required string Measure { get; init; }

    /// <summary>The quality that was asked for, or that of the search's own choice.</summary>
    public required double Target { get; init; }

    /// <summary>Whether the chosen one has it.</summary>
    public required bool IsReached { get; init; }

    /// <summary>Those that were run, from least work on.</summary>
    public required TunedPoint[] Points { get; init; }

    /// <summary>The report.</summary>
    /// <param name="result">What was run.</param>
    /// <param name="measure">What quality is.</param>
    /// <param name="intervalOf">The qualities that a candidate's counts fit.</param>
    public static TuningReport Of(TuningResult result, QualityKind measure, Func<SearchCandidate, ConfidenceInterval?> intervalOf) => new()
    {
        Measure = measure.ToString().ToLowerInvariant(),
        Target = result.Target,
        IsReached = result.IsReached,
        Points = [.. result.Measured.Select(m => new TunedPoint(double.IsFinite(m.Quality) ? m.Quality : null, m.Milliseconds,
            m.Candidate.Step.WideShare, m.Candidate.Step.FloatShare, m == result.Chosen)
        { Interval = IntervalReport.Of(intervalOf(m.Candidate)) })],
    };
}

/// <summary>A candidate that was run.</summary>
/// <param name="Quality">On the data that calibrated; null for no noise at all, and for what is no number.</param>
/// <param name="Milliseconds">A forward pass.</param>
/// <param name="WideShare">Share of multiply-adds that read more than 8 bits, 0..1.</param>
/// <param name="FloatShare">Share of multiply-adds with float weights, 0..1.</param>
/// <param name="IsChosen">Whether it became the model.</param>
internal sealed record TunedPoint(double? Quality, double Milliseconds, double WideShare, double FloatShare, bool IsChosen)
{
    /// <summary>The qualities that what was counted fits, with 95 % confidence; null where quality is no count of samples.</summary>
    public IntervalReport? Interval { get; init; }
}
