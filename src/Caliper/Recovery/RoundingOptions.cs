namespace Caliper.Recovery;

/// <summary>What else is known of a layer whose weights are rounded.</summary>
/// <param name="IsMeanCorrected">Whether its bias takes back the shift of the mean: then only what varies counts.</param>
/// <param name="InputVariance">Mean square of what rounding changes each element of the input by.</param>
/// <param name="LeastScales">The least scale that each channel may have; null where scales must stay as they are.</param>
/// <param name="Threads">Number of threads; 0 for one per processor.</param>
internal sealed record RoundingOptions(bool IsMeanCorrected, double InputVariance, float[]? LeastScales, int Threads);
