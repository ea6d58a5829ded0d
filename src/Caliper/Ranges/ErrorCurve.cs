namespace Caliper.Ranges;

/// <summary>
/// What it costs to round the values of one sign to multiples of a scale and to stop after some number of them. The two signs
/// are independent of each other: zero is always one of the multiples.
/// </summary>
internal abstract class ErrorCurve(MagnitudeMoments magnitudes)
{
    /// <summary>The magnitudes.</summary>
    protected MagnitudeMoments Magnitudes { get; } = magnitudes;

    /// <summary>The greatest magnitude.</summary>
    public double Greatest => Magnitudes.Greatest;

    /// <summary>The summed error where the integers reach <c>m</c> steps from zero, for each <c>m</c> from 0 on; +∞ may stand for
    /// one above <paramref name="worst"/>.</summary>
    public abstract void Fill(double scale, double worst, Span<double> errors);

    /// <summary>No less than the error by rounding.</summary>
    public abstract double RoundingAtMost(double scale);

    /// <summary>The part of the error that comes from values beyond <paramref name="end"/>, which become that.</summary>
    public abstract double Beyond(double end);

    /// <summary>The part of the error that comes from values beyond <c>m</c> steps, for each <c>m</c> from 0 on; +∞ where it is above
    /// <paramref name="worst"/>.</summary>
    public void FillBeyond(double scale, double worst, Span<double> errors)
    {
        // Inwards, because it grows that way, and what is not asked for need not be computed.
        for (var m = errors.Length - 1; m >= 0; m--)
        {
            errors[m] = Beyond(m * scale);
            if (errors[m] <= worst) continue;
            errors[..(m + 1)].Fill(double.PositiveInfinity);
            return;
        }
    }
}
