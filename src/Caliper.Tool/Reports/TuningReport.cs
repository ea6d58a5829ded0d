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
    public static TuningReport Of(TuningResult result, QualityKind measure) => new()
    {
        Measure = measure.ToString().ToLowerInvariant(),
        Target = result.Target,
        IsReached = result.IsReached,
        Points = [.. result.Measured.Select(m => new TunedPoint(double.IsFinite(m.Quality) ? m.Quality : null, m.Milliseconds,
            m.Candidate.Step.WideShare, m.Candidate.Step.FloatShare, m == result.Chosen))],
    };
}

/// <summary>A candidate that was run.</summary>
/// <param name="Quality">On the data that calibrated; null for no noise at all, and for what is no number.</param>
/// <param name="Milliseconds">A forward pass.</param>
/// <param name="WideShare">Share of multiply-adds that read 16 bits, 0..1.</param>
/// <param name="FloatShare">Share of multiply-adds with float weights, 0..1.</param>
/// <param name="IsChosen">Whether it became the model.</param>
internal sealed record TunedPoint(double? Quality, double Milliseconds, double WideShare, double FloatShare, bool IsChosen);
