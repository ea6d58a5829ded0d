namespace Caliper.Evaluation;

/// <summary>The sample that has the most of an output's noise: a ratio of sums can be that of one sample alone.</summary>
/// <param name="Name">What the data calls it.</param>
/// <param name="Share">Its part of the noise, 0..1.</param>
/// <param name="DecibelsWithout">Signal-to-quantization-noise ratio in dB of all other samples.</param>
public sealed record NoisiestSample(string Name, double Share, double DecibelsWithout);
