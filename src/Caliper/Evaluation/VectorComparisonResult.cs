namespace Caliper.Evaluation;

/// <summary>How far the vectors of two models are apart, and whether an index of the reference's still finds what it found.</summary>
public sealed record VectorComparisonResult
{
    /// <summary>Vectors compared.</summary>
    public required int Samples { get; init; }

    /// <summary>Numbers in a vector.</summary>
    public required int Dimensions { get; init; }

    /// <summary>The mean cosine between a sample's two vectors.</summary>
    public required double MeanCosine { get; init; }

    /// <summary>The least cosine.</summary>
    public required double LeastCosine { get; init; }

    /// <summary>The sample that has it.</summary>
    public required string LeastSample { get; init; }

    /// <summary>
    /// An index holds the reference's vectors of all samples; it is asked for a sample's nearest neighbour (by cosine, itself left out) with the
    /// reference's vector and with the candidate's: the share of samples for which both find the same, in percent. Null for fewer than two samples.
    /// </summary>
    public double? Recall1 { get; init; }

    /// <summary>The share of the ten nearest that both find, in percent; null for fewer than eleven samples.</summary>
    public double? Recall10 { get; init; }

    /// <summary>Spearman's rank correlation between the scores of pairs and the cosines of the reference's vectors; null for fewer than two scored
    /// pairs.</summary>
    public double? ReferenceSpearman { get; init; }

    /// <summary>The same of the candidate's vectors.</summary>
    public double? CandidateSpearman { get; init; }
}
