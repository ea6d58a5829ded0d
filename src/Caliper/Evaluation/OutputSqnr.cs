using System.Collections.Immutable;

namespace Caliper.Evaluation;

/// <summary>How close two models are in one output.</summary>
/// <param name="Output">Name of the output in the reference model.</param>
/// <param name="Decibels">Signal-to-quantization-noise ratio in dB over all samples; see <see cref="SqnrMeter"/>.</param>
public sealed record OutputSqnr(string Output, double Decibels)
{
    /// <summary>The same of each tensor that the reference network joins to this output, by name; empty where it joins none.</summary>
    public ImmutableArray<OutputSqnr> Parts { get; init; } = [];

    /// <summary>The least cosine between what both models give for a sample, −1..1: what embeddings are judged by. Null where the reference is all
    /// zero, and of parts.</summary>
    public double? LeastCosine { get; init; }

    /// <summary>Intersection over union of what both models mark with 0.5 or more, over all samples, 0..1: what masks are judged by. Null where
    /// nothing is marked or values lie outside 0..1, and of parts.</summary>
    public double? Overlap { get; init; }

    /// <summary>Which sample is the furthest from the reference; null without noise, where the output's first axis does not tell samples apart,
    /// and of parts.</summary>
    public NoisiestSample? Noisiest { get; init; }
}
