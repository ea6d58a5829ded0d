using System.Collections.Immutable;

namespace Caliper.Search;

/// <summary>
/// The order in which sources of noise get more bits: at each step the one that takes away most noise for the work it adds, at the
/// output that suffers most, as far as the limits on multiply-adds allow.
/// </summary>
internal sealed class WideningPath
{
    /// <summary>Everything in 8 bits.</summary>
    public static WideningPoint Start { get; } = new();

    // Each source costs something, so that one that costs nearly nothing is not taken for one that is worth anything.
    private const double LeastCost = 1e-4;

    private readonly List<WideningPoint> _points = [];
    private readonly List<NoiseSource> _left;
    private readonly double _priceOfLimits;
    private WideningPoint _last = Start;
    private double[] _noise;

    private WideningPath(ImmutableArray<NoiseSource> sources, double priceOfLimits)
    {
        _priceOfLimits = priceOfLimits;
        _left = [.. sources.Where(s => s.Share.Any(n => n > 0))];
        _noise = _left.Aggregate(new double[sources.IsEmpty ? 0 : sources[0].Share.Length], (sum, s) => [.. sum.Zip(s.Share, (a, b) => a + b)]);
    }

    /// <summary>Finds the path within the limits.</summary>
    /// <param name="sources">All sources.</param>
    /// <param name="work">What more bits cost.</param>
    /// <param name="options">The limits.</param>
    /// <param name="priceOfLimits">What using up a limit counts as, as a share of the network's work.</param>
    public static WideningPath Of(ImmutableArray<NoiseSource> sources, NetworkWork work, SearchOptions options, double priceOfLimits)
    {
        var path = new WideningPath(sources, priceOfLimits);
        path.Go(work, options, point => point.IsWithin(options));
        return path;
    }

    /// <summary>Goes on where the limits ended it.</summary>
    public void GoBeyond(NetworkWork work, SearchOptions options)
    {
        _points.Clear();
        Go(work, options, _ => true);
    }

    private void Go(NetworkWork work, SearchOptions options, Func<WideningPoint, bool> isAllowed)
    {
        while (_left.Count > 0 && _noise.Max() > Math.Pow(10, -(options.Aim + 10) / 10))
        {
            var worst = Array.IndexOf(_noise, _noise.Max());
            double CostOf(WideningPoint point) => point.Work + _priceOfLimits * work.Whole * point.PartOfLimits(options);
            var next = _left.Select(source => Step.Of(_last, source, work)).Where(s => s.Share[worst] > 0)
                .OrderByDescending(s => s.Share[worst] / (CostOf(s.Point) - CostOf(_last) + LeastCost * work.Whole))
                .FirstOrDefault(s => isAllowed(s.Point));
            if (next is null) break;
            _last = next.Point;
            _left.RemoveAll(_last.Taken.Contains);
            _noise = [.. _noise.Zip(next.Share, (a, b) => Math.Max(0, a - b))];
            _points.Add(_last);
        }
    }

    /// <summary>A source more, with the one before it if that is still there.</summary>
    private sealed record Step(WideningPoint Point, ImmutableArray<double> Share)
    {
        public static Step Of(WideningPoint last, NoiseSource source, NetworkWork work) => source.Before is { } before && !last.Taken.Contains(before)
            ? new(last.With(before, work).With(source, work), [.. before.Share.Zip(source.Share, (a, b) => a + b)])
            : new(last.With(source, work), source.Share);
    }

    /// <summary>At most so many of its points, the last among them, ever more work from one to the next.</summary>
    public ImmutableArray<WideningPoint> Points(int most) =>
        [.. _points.Where((_, i) => (i + 1) * most / _points.Count > i * most / _points.Count || _points.Count <= most)];
}
