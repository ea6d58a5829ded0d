using System.Numerics.Tensors;

namespace Caliper.Ranges;

/// <summary>
/// Kullback-Leibler divergences of a histogram cut off at a threshold from the same in fewer levels. A level's share is spread
/// over those of its bins that hold something, so that prefix sums give each threshold in time that depends on the levels.
/// </summary>
internal sealed class EntropySearch
{
    /// <summary>Share of the probability that is spread over all bins, so that none has a probability of 0.</summary>
    private const double Smoothing = 1e-4;

    private readonly double[] _counts, _countBefore, _logBefore;
    private readonly int[] _filledBefore;
    private readonly int _zero;
    private double[] _levelCounts = [], _levelShares = [];

    /// <summary>Creates the search.</summary>
    /// <param name="counts">Values in equal bins.</param>
    /// <param name="zero">Index of the first bin above zero.</param>
    public EntropySearch(double[] counts, int zero)
    {
        (_counts, _zero) = (counts, zero);
        (_countBefore, _logBefore, _filledBefore) = (new double[counts.Length + 1], new double[counts.Length + 1], new int[counts.Length + 1]);
        for (var i = 0; i < counts.Length; i++)
        {
            _countBefore[i + 1] = _countBefore[i] + counts[i];
            _logBefore[i + 1] = _logBefore[i] + XLogX(counts[i]);
            _filledBefore[i + 1] = _filledBefore[i] + (counts[i] > 0 ? 1 : 0);
        }
    }

    /// <summary>The number of bins away from zero at which to cut off.</summary>
    /// <param name="below">Bins below zero, 0 for none.</param>
    /// <param name="above">Bins above zero, 0 for none.</param>
    /// <param name="levels">Levels that the kept bins are put into.</param>
    public int BestThreshold(int below, int above, int levels)
    {
        var widest = Math.Max(below, above);
        var (best, least) = (widest, double.PositiveInfinity);
        for (var kept = Math.Max(1, Math.Min(widest, below > 0 && above > 0 ? levels / 2 : levels)); kept <= widest; kept++)
        {
            var divergence = Divergence(_zero - Math.Min(kept, below), _zero + Math.Min(kept, above), levels);
            // Of equal ones the widest: nothing is cut off without a reason.
            if (divergence <= least) (best, least) = (kept, divergence);
        }
        return best;
    }

    /// <summary>Σ p·ln(p / q) over the bins from one up to another.</summary>
    private double Divergence(int first, int end, int levels)
    {
        double inside = _countBefore[end] - _countBefore[first], all = _countBefore[^1];
        if (inside <= 0) return double.PositiveInfinity;
        var bins = end - first;
        levels = Math.Min(levels, bins);
        var floor = Smoothing / bins;
        double outsideBelow = _countBefore[first], outsideAbove = all - _countBefore[end];
        // Σ p·ln(p), with what lies outside added to the outermost bins.
        var ownEntropy = _logBefore[end] - _logBefore[first];
        ownEntropy += XLogX(_counts[first] + outsideBelow) - XLogX(_counts[first]);
        var last = bins == 1 ? _counts[first] + outsideBelow : _counts[end - 1];
        ownEntropy += XLogX(last + outsideAbove) - XLogX(last);
        Quantize(first, bins, levels, (1 - Smoothing) / inside, floor);
        var logShare = _levelShares.AsSpan(0, levels);
        var crossEntropy = TensorPrimitives.Dot<double>(_levelCounts.AsSpan(0, levels), logShare);
        crossEntropy += outsideBelow * (_counts[first] > 0 ? logShare[0] : Math.Log(floor));
        crossEntropy += outsideAbove * (_counts[end - 1] > 0 ? logShare[^1] : Math.Log(floor));
        return (ownEntropy - crossEntropy) / all - Math.Log(all);
    }

    /// <summary>Computes what each level holds, and the logarithm of the probability that each of its bins gets back.</summary>
    private void Quantize(int first, int bins, int levels, double perValue, double floor)
    {
        if (_levelCounts.Length < levels) (_levelCounts, _levelShares) = (new double[levels], new double[levels]);
        var counts = _levelCounts.AsSpan(0, levels);
        var shares = _levelShares.AsSpan(0, levels);
        var (binsPerLevel, left) = (bins / levels, bins % levels);
        var (start, fraction) = (first, 0);
        for (var level = 0; level < levels; level++)
        {
            // The level's last bin is at the whole part of (level + 1) · bins / levels.
            var stop = start + binsPerLevel;
            if ((fraction += left) >= levels) (stop, fraction) = (stop + 1, fraction - levels);
            counts[level] = _countBefore[stop] - _countBefore[start];
            var filled = _filledBefore[stop] - _filledBefore[start];
            shares[level] = filled == 0 ? floor : floor + perValue * counts[level] / filled;
            start = stop;
        }
        TensorPrimitives.Log(shares, shares);
    }

    private static double XLogX(double x) => x > 0 ? x * Math.Log(x) : 0;
}
