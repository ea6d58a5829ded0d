using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// The magnitudes of a tensor's positive or of its negative values: how many lie up to a point, their sum, and the sum of
/// their squares, in constant time. Values are taken as spread evenly over their bin. Zeros are in neither sign.
/// </summary>
internal sealed class MagnitudeMoments
{
    private readonly Bin[] _bins;
    private readonly int _first;

    private MagnitudeMoments(HistogramBin[] magnitudes)
    {
        if (magnitudes.Length == 0)
        {
            _bins = [];
            return;
        }
        _first = HistogramBin.PrefixOf(magnitudes[0].Lower);
        _bins = new Bin[HistogramBin.PrefixOf(magnitudes[^1].Upper) - _first + 1];
        foreach (var (lower, upper, count) in magnitudes) _bins[HistogramBin.PrefixOf(upper) - _first] = new(lower, (double)upper - lower, count);
        var before = default(Moments);
        foreach (ref var bin in _bins.AsSpan())
        {
            bin.Before = before;
            before += Moments.Uniform(bin.Count, bin.Lower, bin.Width);
        }
        (Total, Greatest) = (before, magnitudes[^1].Upper);
    }

    /// <summary>All magnitudes.</summary>
    public Moments Total { get; }

    /// <summary>The greatest magnitude; 0 where there is none.</summary>
    public double Greatest { get; }

    /// <summary>The bins that hold something, by ascending magnitude.</summary>
    public IEnumerable<Bin> Bins => _bins.Where(b => b.Count > 0);

    /// <summary>The values below zero and those above.</summary>
    public static (MagnitudeMoments Below, MagnitudeMoments Above) Of(TensorStatistics statistics)
    {
        var bins = ExactBins(statistics);
        var zero = Array.FindIndex(bins, b => b.Lower >= 0);
        if (zero < 0) zero = bins.Length;
        var below = Array.ConvertAll(bins[..zero], b => new HistogramBin(-b.Upper, -b.Lower, b.Count));
        Array.Reverse(below);
        return (new(below), new(bins[zero..]));
    }

    /// <summary>Moments of the magnitudes up to <paramref name="point"/>.</summary>
    public Moments UpTo(double point)
    {
        if (point >= Greatest) return Total;
        var index = HistogramBin.PrefixOf((float)point) - _first;
        if (index < 0 || point <= 0) return default;
        ref readonly var bin = ref _bins[index];
        var within = Math.Min(point - bin.Lower, bin.Width);
        return bin.Count == 0 || within < 0 ? bin.Before
            : bin.Width == 0 ? bin.Before + Moments.Uniform(bin.Count, bin.Lower, 0)
            : bin.Before + Moments.Uniform(bin.Count * (within / bin.Width), bin.Lower, within);
    }

    /// <summary>The magnitude beyond which <paramref name="count"/> values lie; 0 where there are no more than that.</summary>
    public double MagnitudeExceededBy(double count)
    {
        var left = count;
        if (left >= Total.Count) return 0;
        for (var i = _bins.Length - 1; i >= 0; i--)
        {
            ref readonly var bin = ref _bins[i];
            if (left < bin.Count) return bin.Lower + bin.Width * (1 - left / bin.Count);
            left -= bin.Count;
        }
        return 0;
    }

    /// <summary>Bins in which a single value that is known, the outermost, is not spread.</summary>
    public static HistogramBin[] ExactBins(TensorStatistics statistics)
    {
        var bins = statistics.Bins.ToArray();
        if (bins.Length == 0) return bins;
        ref var first = ref bins[0];
        ref var last = ref bins[^1];
        if (last is { Count: 1, Lower: >= 0 }) last = last with { Lower = last.Upper };
        if (first is { Count: 1, Upper: <= 0 }) first = first with { Upper = first.Lower };
        return bins;
    }

    /// <summary>A bin, and the moments of all that is nearer to zero.</summary>
    internal struct Bin(double lower, double width, double count)
    {
        public readonly double Lower = lower, Width = width, Count = count;
        public Moments Before;
    }
}
