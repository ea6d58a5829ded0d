namespace Caliper.Ranges;

/// <summary>
/// Squared errors. All values between two midpoints of the grid become the same multiple of the scale, so that their error
/// follows from their number, sum and sum of squares, which are differences of prefix sums: exact for bins that are wider and
/// for bins that are narrower than a step, in time that depends on the number of steps alone.
/// </summary>
/// <param name="magnitudes">The magnitudes of one sign.</param>
/// <param name="saturationWeight">What an error by cutting off counts against one by rounding.</param>
internal sealed class SquaredErrorCurve(MagnitudeMoments magnitudes, double saturationWeight = 1) : ErrorCurve(magnitudes)
{
    public override void Fill(double scale, double worst, Span<double> errors)
    {
        var (sum, before, all) = (0d, default(Moments), Magnitudes.Total);
        for (var m = 0; m < errors.Length; m++)
        {
            if (before.Count == all.Count)
            {
                errors[m..].Fill(sum);
                return;
            }
            var point = m * scale;
            errors[m] = sum + Error(all - before, point);
            if (saturationWeight != 1) errors[m] += (saturationWeight - 1) * Error(all - Magnitudes.UpTo(point), point);
            var next = Magnitudes.UpTo((m + 0.5) * scale);
            sum += Error(next - before, point);
            before = next;
        }
    }

    public override double RoundingAtMost(double scale) => Magnitudes.Total.Count * (scale / 2) * (scale / 2);

    public override double Beyond(double end) => saturationWeight * Error(Magnitudes.Total - Magnitudes.UpTo(end), end);

    // What cancels may leave less than nothing.
    private static double Error(in Moments moments, double point) => Math.Max(0, moments.ErrorAt(point));
}
