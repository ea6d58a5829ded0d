using Caliper.Fusion;

namespace Caliper.Calibration.Doctor;

/// <summary>What a Relu or Clip makes of normally distributed values.</summary>
internal static class ClippedNormal
{
    /// <summary>The variance after clipping, from the first two moments of the censored normal distribution.</summary>
    /// <param name="mean">Mean before.</param>
    /// <param name="deviation">Standard deviation before, above 0.</param>
    /// <param name="range">What is let through; null for everything.</param>
    public static double Variance(double mean, double deviation, ActivationRange? range)
    {
        if (range is not { } limits) return deviation * deviation;
        double low = (limits.Min - mean) / deviation, high = (limits.Max - mean) / deviation;
        var (below, above) = (Cumulative(low), 1 - Cumulative(high));
        var between = Math.Max(0, 1 - below - above);
        var (densityLow, densityHigh) = (Density(low), Density(high));
        // In units of the deviation and relative to the mean, so that no large squares cancel. An infinite end has no weight.
        var (clippedLow, clippedHigh) = (below > 0 ? low : 0, above > 0 ? high : 0);
        var first = (clippedLow * below) + (clippedHigh * above) + densityLow - densityHigh;
        var second = (clippedLow * clippedLow * below) + (clippedHigh * clippedHigh * above) + between
            + Moment(low, densityLow) - Moment(high, densityHigh);
        return deviation * deviation * Math.Max(0, second - (first * first));
    }

    private static double Moment(double end, double density) => density > 0 ? end * density : 0;

    private static double Density(double x) => Math.Exp(-x * x / 2) / Math.Sqrt(2 * Math.PI);

    /// <summary>Abramowitz and Stegun, Handbook of Mathematical Functions, 26.2.17: off by less than 10⁻⁷.</summary>
    private static double Cumulative(double x)
    {
        if (double.IsInfinity(x)) return x > 0 ? 1 : 0;
        var t = 1 / (1 + (0.2316419 * Math.Abs(x)));
        var tail = Density(x) * t * (0.319381530 + (t * (-0.356563782 + (t * (1.781477937 + (t * (-1.821255978 + (t * 1.330274429))))))));
        return x > 0 ? 1 - tail : tail;
    }
}
