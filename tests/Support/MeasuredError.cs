using Caliper.Numerics;

namespace Caliper.Testing;

/// <summary>The error of quantizing values, measured on the values themselves.</summary>
internal static class MeasuredError
{
    /// <summary>Signal to noise of quantizing and dequantizing, in decibels.</summary>
    public static double SqnrDecibels(float[] values, QuantizationParameters parameters)
    {
        var quantized = new float[values.Length];
        Quantizer.FakeQuantize(values, quantized, parameters);
        return Decibels(values, values.Zip(quantized, (x, y) => ((double)x - y) * ((double)x - y)).Sum());
    }

    /// <summary>
    /// The best that any scale and zero point reach: scales from just above that of the whole range down to a fiftieth of it, with
    /// every zero point or with a given one.
    /// </summary>
    public static double BestSqnrDecibels(float[] values, QuantizedType type, int? zeroPoint, int scales)
    {
        var steps = type.Max - type.Min;
        double below = Math.Max(0, -values.Min()), above = Math.Max(0, values.Max());
        // With a fixed zero point each side needs a scale of its own to reach its end.
        var widest = zeroPoint is { } fixedPoint
            ? Math.Max(below / Math.Max(1, fixedPoint - type.Min), above / Math.Max(1, type.Max - fixedPoint))
            : (below + above) / steps;
        var least = double.PositiveInfinity;
        for (var i = 0; i < scales; i++)
            least = Math.Min(least, LeastError(values, widest * 1.02 * Math.Pow(50, -(double)i / scales), steps, zeroPoint - type.Min));
        return Decibels(values, least);
    }

    /// <summary>The least summed error with a scale: each value goes to the nearest multiple, and those beyond the ends back.</summary>
    private static double LeastError(float[] values, double scale, int steps, int? stepsBelow)
    {
        double[][] errors = [new double[steps + 1], new double[steps + 1]];
        for (var side = 0; side < 2; side++)
        {
            // Values by their multiple; how many lie beyond the last, their sum and the sum of their squares.
            var (rounding, count, sum, squares) = (new double[steps + 2], new double[steps + 2], new double[steps + 2], new double[steps + 2]);
            foreach (var value in values)
            {
                double magnitude = side == 0 ? -value : value;
                if (magnitude <= 0) continue;
                var multiple = Math.Round(magnitude / scale);
                var index = (int)Math.Min(multiple, steps + 1);
                var error = magnitude - multiple * scale;
                rounding[index] += error * error;
                (count[index], sum[index], squares[index]) = (count[index] + 1, sum[index] + magnitude, squares[index] + magnitude * magnitude);
            }
            var (n, s, q) = (count[^1], sum[^1], squares[^1]);
            for (var end = steps; end >= 0; end--)
            {
                errors[side][end] = q - 2 * end * scale * s + n * end * scale * end * scale;
                (n, s, q) = (n + count[end], s + sum[end], q + squares[end]);
            }
            var rounded = 0d;
            for (var end = 0; end <= steps; end++) errors[side][end] += rounded += rounding[end];
        }
        return stepsBelow is { } known
            ? errors[0][known] + errors[1][steps - known]
            : Enumerable.Range(0, steps + 1).Min(b => errors[0][b] + errors[1][steps - b]);
    }

    private static double Decibels(float[] values, double noise) => 10 * Math.Log10(values.Sum(x => (double)x * x) / noise);
}
