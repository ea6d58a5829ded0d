using System.Collections.Immutable;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// What lies beyond the outermost value that calibration saw, at one end of a tensor. Of K samples and one more, each is as likely as any
/// other to reach furthest: the new one with probability 1/(K + 1). How far beyond the others, the outermost samples tell: excesses
/// over a high threshold are nearly exponential (Pickands 1975), and here the threshold is the last of the few that are kept.
/// </summary>
internal readonly struct UnseenTail
{
    private const int StepsOfReach = 4, MostReaches = 6;

    private readonly double _seen, _reach, _error;

    private UnseenTail(ImmutableArray<Extreme> outermost, int sign, long samples)
    {
        double[] outwards = [.. outermost.Select(e => (double)sign * e.Value)];
        // Fewer tell nothing; and where zero is the end, as after a ReLU, nothing lies beyond.
        if (outwards.Length < Extremes.Capacity || outwards[0] <= 0) return;
        _seen = outwards[0];
        _reach = outwards[..^1].Average() - outwards[^1];
        _error = 2 * _reach * _reach / (samples + 1);
    }

    /// <summary>The squared error that is to be expected of a new sample where a range ends at a magnitude.</summary>
    private double ErrorBeyond(double end) => _reach == 0 ? 0 : _error * Math.Exp(-Math.Max(0, end - _seen) / _reach);

    /// <summary>Ends to try, from one that is known on.</summary>
    private IEnumerable<double> EndsFrom(double end)
    {
        // Beyond zero, or an end that is one for all samples, there is nothing to win.
        var most = end == 0 || _reach == 0 ? 0 : StepsOfReach * MostReaches;
        for (var i = 0; i <= most; i++) yield return end + i * _reach / StepsOfReach;
    }

    /// <summary>A range, widened as far as what it no longer cuts off of new samples outweighs the coarser steps: of a tensor of many values
    /// not at all, of one of a few numbers a sample by a tenth or more.</summary>
    /// <param name="range">The range, with 0 in it.</param>
    /// <param name="statistics">The tensor.</param>
    /// <param name="type">The integers.</param>
    /// <param name="symmetric">Whether the zero point is fixed in the middle.</param>
    /// <param name="saturationWeight">What an error by cutting off counts against one by rounding.</param>
    public static RealRange Widen(RealRange range, TensorStatistics statistics, QuantizedType type, bool symmetric, double saturationWeight)
    {
        var below = new UnseenTail(statistics.Least, -1, statistics.Samples);
        var above = new UnseenTail(statistics.Greatest, 1, statistics.Samples);
        if (below._reach == 0 && above._reach == 0) return range;
        var rounded = (double)statistics.Count / statistics.Samples / 12;
        var (best, least) = (range, double.PositiveInfinity);
        foreach (var low in below.EndsFrom(-range.Min))
            foreach (var high in above.EndsFrom(range.Max))
            {
                var candidate = new RealRange((float)-low, (float)high);
                var scale = QuantizedWindow.ScaleOf(candidate.Min, candidate.Max, type, symmetric);
                var error = rounded * scale * scale + saturationWeight * (below.ErrorBeyond(low) + above.ErrorBeyond(high));
                if (error < least) (best, least) = (candidate, error);
            }
        return best;
    }
}
