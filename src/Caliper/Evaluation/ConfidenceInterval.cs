namespace Caliper.Evaluation;

/// <summary>Values that what was counted fits, with 95 % confidence.</summary>
/// <param name="Lower">The least.</param>
/// <param name="Upper">The greatest.</param>
public readonly record struct ConfidenceInterval(double Lower, double Upper)
{
    /// <summary>The 97.5th percentile of the normal distribution.</summary>
    internal const double Z = 1.959963984540054;

    /// <summary>Whether a value is in it.</summary>
    public bool Contains(double value) => Lower <= value && value <= Upper;

    /// <summary>The interval of a share, from 0 to 1, by Wilson's score, which is never a point and never outside 0 and 1.</summary>
    /// <remarks>E. B. Wilson, Probable inference, the law of succession, and statistical inference, JASA 22 (1927); the table in R. G. Newcombe,
    /// Two-sided confidence intervals for the single proportion, Statistics in Medicine 17 (1998), method 3.</remarks>
    /// <param name="count">How many there are.</param>
    /// <param name="total">Of how many, 1 or more.</param>
    public static ConfidenceInterval OfShare(int count, int total)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(total, 1);
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, total);
        double n = total, share = count / n;
        var centre = share + Z * Z / (2 * n);
        var half = Z * Math.Sqrt(share * (1 - share) / n + Z * Z / (4 * n * n));
        var whole = 1 + Z * Z / n;
        // Where all or none are counted the bound is theirs, which rounding would miss by a bit.
        return new(count == 0 ? 0 : (centre - half) / whole, count == total ? 1 : (centre + half) / whole);
    }

    internal ConfidenceInterval Times(double factor) => new(Lower * factor, Upper * factor);
}
