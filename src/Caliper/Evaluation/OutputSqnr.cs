namespace Caliper.Evaluation;

/// <summary>How close two models are in one output.</summary>
/// <param name="Output">Name of the output in the reference model.</param>
/// <param name="Decibels">Signal-to-quantization-noise ratio in dB over all samples; see <see cref="SqnrMeter"/>.</param>
public sealed record OutputSqnr(string Output, double Decibels);
