using Caliper.Evaluation;

namespace Caliper.Tool.Reports;

/// <summary>How far the vectors of two models are apart, and whether an index of the float model's still serves. What was not measured is left
/// out.</summary>
internal sealed record VectorReport
{
    /// <summary>Numbers in a vector.</summary>
    public required int Dimensions { get; init; }

    /// <summary>The mean cosine between a sample's two vectors.</summary>
    public required double MeanCosine { get; init; }

    /// <summary>The least cosine.</summary>
    public required double LeastCosine { get; init; }

    /// <summary>The sample that has it.</summary>
    public required string LeastSample { get; init; }

    /// <summary>For how many samples int8 finds the nearest in an index of float vectors, in percent.</summary>
    public double? Recall1 { get; init; }

    /// <summary>How many of the ten nearest it finds, in percent.</summary>
    public double? Recall10 { get; init; }

    /// <summary>Rank correlation with the scores of the data's pairs, of both models.</summary>
    public Pair<double>? Spearman { get; init; }

    /// <summary>The report of a result.</summary>
    public static VectorReport Of(VectorComparisonResult result) => new()
    {
        Dimensions = result.Dimensions,
        MeanCosine = result.MeanCosine,
        LeastCosine = result.LeastCosine,
        LeastSample = result.LeastSample,
        Recall1 = result.Recall1,
        Recall10 = result.Recall10,
        // JSON has no NaN: where all scores are equal there is no order to find.
        Spearman = result is { ReferenceSpearman: { } before, CandidateSpearman: { } after } && double.IsFinite(before) && double.IsFinite(after)
            ? new Pair<double>(before, after) : null,
    };
}
