using System.Collections.Immutable;
using Caliper.Analysis;
using Caliper.Numerics;
using Caliper.Ranges;

namespace Caliper.Reporting.Html;

/// <summary>How many values of a tensor fall to each integer, and how many lie beyond.</summary>
/// <param name="Name">The tensor's layer.</param>
/// <param name="Parameters">Scale and zero point.</param>
/// <param name="Min">Least value.</param>
/// <param name="Max">Greatest value.</param>
/// <param name="Values">How many values there are.</param>
/// <param name="Below">How many lie below the range; they count for the first level too.</param>
/// <param name="Above">How many lie above the range; they count for the last level too.</param>
/// <param name="Levels">How many fall to each level, from the lowest.</param>
internal sealed record LevelCounts(string Name, QuantizationParameters Parameters, double Min, double Max, long Values, long Below, long Above,
    ImmutableArray<long> Levels)
{
    /// <summary>What was counted.</summary>
    public static LevelCounts Of(TensorError tensor) =>
        new(tensor.Layer, tensor.Parameters, tensor.Min, tensor.Max, tensor.Values, tensor.Below, tensor.Above, tensor.Levels);

    /// <summary>What follows from calibration's histogram, whose values are taken as spread evenly over their bin.</summary>
    public static LevelCounts Of(CalibratedTensor tensor)
    {
        var (statistics, parameters) = (tensor.Statistics, tensor.Used);
        var (type, zeroPoint, scale) = (parameters.Type, (double)parameters.ZeroPoint, (double)parameters.Scale);
        var levels = new double[type.Levels];
        levels[(int)Math.Clamp(zeroPoint - type.Min, 0, levels.Length - 1)] += statistics.Zeros;
        var (below, above) = (0d, 0d);
        foreach (var (lower, upper, count) in MagnitudeMoments.ExactBins(statistics))
        {
            // In steps from the lowest level, which reaches half a step to both sides.
            double from = lower / scale + zeroPoint - type.Min, to = upper / scale + zeroPoint - type.Min;
            below += count * Part(from, to, double.NegativeInfinity, 0);
            above += count * Part(from, to, levels.Length - 1, double.PositiveInfinity);
            int first = Level(from), last = Level(to);
            for (var level = first; level <= last; level++)
            {
                levels[level] += count * Part(from, to, level == 0 ? double.NegativeInfinity : level - 0.5,
                    level == levels.Length - 1 ? double.PositiveInfinity : level + 0.5);
            }
        }
        return new(tensor.Name, parameters, statistics.Min, statistics.Max, statistics.Count, (long)Math.Round(below), (long)Math.Round(above),
            [.. levels.Select(l => (long)Math.Round(l))]);

        int Level(double steps) => (int)Math.Clamp(Math.Round(steps), 0, levels.Length - 1);
    }

    /// <summary>Which part of the values between two places lies between two bounds, 0 to 1.</summary>
    private static double Part(double from, double to, double low, double high)
    {
        if (!(to > from)) return from > low && from <= high ? 1 : 0;
        return Math.Max(0, Math.Min(to, high) - Math.Max(from, low)) / (to - from);
    }
}
