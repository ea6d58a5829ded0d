using System.Collections.Immutable;

namespace Caliper.Evaluation;

/// <summary>What a comparison of two models on the same data measured.</summary>
/// <param name="Reference">How the reference did, the float model as a rule.</param>
/// <param name="Candidate">How the candidate did, the quantized model as a rule.</param>
/// <param name="Agreement">Share of samples for which both choose the same class, in percent; null where the output is no
/// class scores.</param>
/// <param name="Sqnr">For each Float32 output, in the reference's order, how close the candidate is; in place of an output whose rows numbers choose,
/// of each value that the choice reads.</param>
public sealed record ComparisonResult(
    EvaluationResult Reference, EvaluationResult Candidate, double? Agreement, ImmutableArray<OutputSqnr> Sqnr)
{
    /// <summary>Percentage points of top-1 accuracy lost, negative for a gain; null where accuracy was not measured.</summary>
    public double? Acc1Drop => Reference.Acc1 - Candidate.Acc1;

    /// <summary>Which answers changed, and whether that can be told from chance; null where accuracy was not measured.</summary>
    public AccuracyChange? AccuracyChange { get; init; }

    /// <summary>The shares, in percent, that what was counted for <see cref="Agreement"/> fits with 95 % confidence: Wilson's score interval;
    /// null where the output is no class scores.</summary>
    public ConfidenceInterval? AgreementInterval { get; init; }

    /// <summary>Of each output whose rows numbers choose in number, too, how many there are; empty where there is none.</summary>
    public ImmutableArray<OutputRows> Rows { get; init; } = [];
}
