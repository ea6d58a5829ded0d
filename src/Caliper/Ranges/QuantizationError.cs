using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// What quantizing and dequantizing a tensor with some parameters costs, as far as its statistics tell: values are taken as
/// spread evenly over their bin, which is less than 1 % of them wide.
/// </summary>
/// <param name="RoundingNoise">Mean over all values of the squared error of those within the range.</param>
/// <param name="ClippingNoise">Mean over all values of the squared error of those beyond the range.</param>
/// <param name="SignalPower">Mean squared value.</param>
/// <param name="ClippedShare">Share of the values that lie beyond the range, 0 to 1.</param>
/// <param name="LevelsUsed">Share of the integers that lie between those of the least and of the greatest value, 0 to 1.</param>
public readonly record struct QuantizationError(
    double RoundingNoise, double ClippingNoise, double SignalPower, double ClippedShare, double LevelsUsed)
{
    /// <summary>Mean squared error.</summary>
    public double Noise => RoundingNoise + ClippingNoise;

    /// <summary>Signal to noise in decibels: 10·log₁₀(signal / noise); +∞ without noise.</summary>
    public double SqnrDecibels => Noise > 0 ? 10 * Math.Log10(SignalPower / Noise) : double.PositiveInfinity;

    /// <summary>Estimates the error; all zero for a tensor without values.</summary>
    /// <param name="statistics">The tensor.</param>
    /// <param name="parameters">One scale and one integer zero point.</param>
    /// <exception cref="ArgumentException">The parameters are per channel or their zero points are real numbers.</exception>
    public static QuantizationError Predict(TensorStatistics statistics, QuantizationParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Axis is not null || parameters.HasFloatZeroPoints)
            throw new ArgumentException("The error is predicted for one scale and one integer zero point.", nameof(parameters));
        if (statistics.Count == 0) return default;
        var (type, zeroPoint) = (parameters.Type, (double)parameters.ZeroPoint);
        var grid = new Grid(parameters.Scale, type.Min - zeroPoint, type.Max - zeroPoint);
        var noise = grid.ErrorOf(0, 0, statistics.Zeros);
        var power = 0d;
        foreach (var (lower, upper, count) in MagnitudeMoments.ExactBins(statistics))
        {
            noise += grid.ErrorOf(lower, upper, count);
            power += Moments.Uniform(count, lower, (double)upper - lower).SumOfSquares;
        }
        var levels = grid.Nearest(statistics.Max) - grid.Nearest(statistics.Min) + 1;
        double all = statistics.Count;
        return new(noise.Rounding / all, noise.Clipping / all, power / all, noise.Clipped / all, levels / type.Levels);
    }

    private readonly record struct Cost(double Rounding, double Clipping, double Clipped)
    {
        public static Cost operator +(in Cost a, in Cost b) => new(a.Rounding + b.Rounding, a.Clipping + b.Clipping, a.Clipped + b.Clipped);
    }

    /// <summary>The multiples of a scale from the first to the last.</summary>
    private readonly record struct Grid(double Scale, double First, double Last)
    {
        /// <summary>The multiple that a value becomes.</summary>
        public double Nearest(double value) => Math.Clamp(Math.Round(value / Scale), First, Last);

        /// <summary>The summed error of values spread evenly.</summary>
        public Cost ErrorOf(double lower, double upper, double count)
        {
            if (count == 0) return default;
            var (low, high) = (First * Scale, Last * Scale);
            // A point, or so narrow that differences would cancel.
            if (upper - lower <= 1e-7 * Math.Max(Math.Abs(lower), Math.Abs(upper))) return ErrorAt(lower / 2 + upper / 2, count);
            var density = count / (upper - lower);
            var (inLower, inUpper) = (Math.Clamp(lower, low, high), Math.Clamp(upper, low, high));
            var rounding = Scale * Scale * Scale * (Integral(inUpper / Scale) - Integral(inLower / Scale));
            var clipping = Cube(low - Math.Min(lower, low)) - Cube(low - Math.Min(upper, low))
                + Cube(Math.Max(upper, high) - high) - Cube(Math.Max(lower, high) - high);
            return new(Math.Max(0, density * rounding), Math.Max(0, density * clipping / 3), density * (upper - lower - (inUpper - inLower)));
        }

        private Cost ErrorAt(double value, double count)
        {
            var error = value - Nearest(value) * Scale;
            return value < First * Scale || value > Last * Scale
                ? new(0, count * error * error, count)
                : new(count * error * error, 0, 0);
        }

        /// <summary>∫₀ˣ (u - round(u))² du: a twelfth for each whole step.</summary>
        private static double Integral(double x)
        {
            var nearest = Math.Round(x);
            return nearest / 12 + Cube(x - nearest) / 3;
        }

        private static double Cube(double x) => x * x * x;
    }
}
