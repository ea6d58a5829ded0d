using System.Collections.Immutable;

namespace Caliper.Evaluation;

/// <summary>How close two models are in one output.</summary>
/// <param name="Output">Name of the output in the reference model.</param>
/// <param name="Decibels">Signal-to-quantization-noise ratio in dB over all samples; see <see cref="SqnrMeter"/>.</param>
public sealed record OutputSqnr(string Output, double Decibels)
{
    /// <summary>The same of each tensor that the reference network joins to this output, by name; empty where it joins none.</summary>
    public ImmutableArray<OutputSqnr> Parts { get; init; } = [];
}
