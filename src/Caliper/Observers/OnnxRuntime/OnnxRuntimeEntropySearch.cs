namespace Caliper.Observers.OnnxRuntime;

/// <summary>
/// ONNX Runtime's <c>get_entropy_threshold</c>, rounding to float32 and to integers where that one does. What a window of bins looks like is
/// given by its bins that hold something and by the levels they are merged into; the empty bins of a level all add the same. So a window
/// takes time in proportion to the bins that are not empty, and the long tails of a histogram that grew cost nothing.
/// </summary>
internal sealed class OnnxRuntimeEntropySearch
{
    private const double Epsilon = 1e-4;

    private readonly long[] _counts, _before;
    private readonly int[] _filled;
    private readonly int _levels;

    private OnnxRuntimeEntropySearch(long[] counts, int levels)
    {
        (_counts, _before, _levels) = (counts, new long[counts.Length + 1], levels);
        for (var i = 0; i < counts.Length; i++) _before[i + 1] = _before[i] + counts[i];
        _filled = [.. Enumerable.Range(0, counts.Length).Where(i => counts[i] != 0)];
    }

    /// <summary>The window about the middle with the least divergence: its first bin and the one after its last.</summary>
    /// <param name="counts">Values in equal bins.</param>
    /// <param name="quantizedBins">The bins that those of a window are merged into.</param>
    public static (int First, int End) BestWindow(long[] counts, int quantizedBins)
    {
        var search = new OnnxRuntimeEntropySearch(counts, quantizedBins);
        var (zero, least) = (counts.Length / 2, float.NaN);
        (int First, int End) best = (0, counts.Length);
        for (var half = quantizedBins / 2; half <= zero; half++)
        {
            var (first, end) = (zero - half, Math.Min(zero + half + 1, counts.Length));
            var divergence = search.Divergence(first, end);
            if (!(divergence >= least)) (least, best) = (divergence, (first, end));
        }
        return best;
    }

    private float Divergence(int first, int end)
    {
        var levels = LevelsOf(first, end);
        var length = end - first;
        var filled = levels.Sum(l => l.Filled);
        var spread = levels.Sum(l => l.Quantized != 0 ? l.Length : 0);
        if (filled == 0 || spread == 0) return float.PositiveInfinity;

        // A little is taken off the counts above zero and given to the zeros.
        var given = (float)Epsilon;
        var takenHere = (float)(-Epsilon * (length - filled) / filled);
        var takenThere = (float)(-Epsilon * (length - spread) / spread);
        double here = (length - filled) * (double)given, there = (length - spread) * (double)given;
        foreach (var bin in BinsOf(first, end)) here += bin.Count + takenHere;
        foreach (var level in levels) if (level.Quantized != 0) there += level.Length * (double)(level.Quantized + takenThere);

        var sum = 0d;
        var bins = BinsOf(first, end).GetEnumerator();
        foreach (var level in levels)
        {
            var y = (double)((level.Quantized != 0 ? level.Quantized + takenThere : given) / (float)there);
            sum += (level.Length - level.Filled) * (double)Term(given / (float)here, y);
            for (var i = 0; i < level.Filled && bins.MoveNext(); i++) sum += Term((bins.Current.Count + takenHere) / (float)here, y);
        }
        return (float)sum;

        static float Term(double x, double y) => (float)(x * Math.Log(x / y));
    }

    /// <summary>The bins of a window that hold something; its ends hold what lies outside, too.</summary>
    private IEnumerable<(int Bin, long Count)> BinsOf(int first, int end)
    {
        var (low, high) = (_before[first + 1], _before[^1] - _before[end - 1]);
        if (low != 0) yield return (first, low);
        var at = Array.BinarySearch(_filled, first + 1);
        for (var i = at < 0 ? ~at : at; i < _filled.Length && _filled[i] < end - 1; i++) yield return (_filled[i], _counts[_filled[i]]);
        if (high != 0) yield return (end - 1, high);
    }

    /// <summary>Merges bins, and spreads what they hold over those that hold something, cut to whole counts. What is left over at the end adds
    /// to the last level, but gets nothing back.</summary>
    private List<Level> LevelsOf(int first, int end)
    {
        var merged = (end - first) / _levels;
        var levels = new List<Level>(_levels + 1);
        var bins = BinsOf(first, end).GetEnumerator();
        var more = bins.MoveNext();
        for (var start = first; start < end;)
        {
            var isLeft = levels.Count == _levels;
            var stop = isLeft ? end : start + merged;
            var filled = 0;
            for (; more && bins.Current.Bin < stop; more = bins.MoveNext()) filled++;
            // The outliers at the ends are told apart from empty bins, but are not what is merged.
            var sum = _before[levels.Count == _levels - 1 ? end : stop] - _before[start];
            levels.Add(new(stop - start, filled, isLeft || filled == 0 ? 0 : (long)((double)sum / filled)));
            start = stop;
        }
        return levels;
    }

    /// <summary>Bins that become one: how many, how many of them hold something, and what each gets back.</summary>
    private readonly record struct Level(int Length, int Filled, long Quantized);
}
