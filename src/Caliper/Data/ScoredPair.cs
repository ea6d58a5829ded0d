namespace Caliper.Data;

/// <summary>Two samples, and how alike somebody found them.</summary>
/// <param name="First">Name of the one sample.</param>
/// <param name="Second">Name of the other.</param>
/// <param name="Score">How alike; a larger number is more, the scale does not matter.</param>
public sealed record ScoredPair(string First, string Second, double Score);
