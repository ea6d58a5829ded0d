using System.Collections.Immutable;
using Caliper.Analysis;

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
    private readonly List<double> _decibels = [];
    private readonly List<NoiseSource> _left;
    private readonly double _priceOfLimits;
    private readonly double _start;
    private WideningPoint _last = Start;
    private double[] _noise;

    private WideningPath(ImmutableArray<NoiseSource> sources, double priceOfLimits)
    {
        _priceOfLimits = priceOfLimits;
        _left = [.. sources.Where(s => s.Share.Any(n => n > 0))];
        _noise = _left.Aggregate(new double[sources.IsEmpty ? 0 : sources[0].Share.Length], (sum, s) => [.. sum.Zip(s.Share, (a, b) => a + b)]);
        _start = Decibels.Of(1, _noise.DefaultIfEmpty().Max());
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
        _decibels.Clear();
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
            _decibels.Add(Decibels.Of(1, _noise.Max()));
        }
    }

    /// <summary>A source more, with the one before it if that is still there.</summary>
    private sealed record Step(WideningPoint Point, ImmutableArray<double> Share)
    {
        public static Step Of(WideningPoint last, NoiseSource source, NetworkWork work) => source.Before is { } before && !last.Taken.Contains(before)
            ? new(last.With(before, work).With(source, work), [.. before.Share.Zip(source.Share, (a, b) => a + b)])
            : new(last.With(source, work), source.Share);
    }

    /// <summary>By how many decibels more than foretold its last point that was measured has.</summary>
    /// <param name="decibels">What each point was measured to have; <see cref="Start"/> must be among them.</param>
    public double MoreThanForetold(IReadOnlyDictionary<WideningPoint, double> decibels)
    {
        var last = _points.FindLastIndex(decibels.ContainsKey);
        return last < 0 ? decibels[Start] - _start : decibels[_points[last]] - _decibels[last];
    }

    /// <summary>At most so many of its points, at equal distances in decibels as noises that add up foretell them; where fewer
    /// are there, those that follow: what was foretold may not come.</summary>
    /// <param name="more">By how many decibels more than foretold they have.</param>
    /// <param name="there">Decibels that are reached already.</param>
    /// <param name="wanted">Decibels of the last point, if the path goes so far.</param>
    /// <param name="most">How many.</param>
    public ImmutableArray<WideningPoint> Towards(double more, double there, double wanted, int most)
    {
        if (_points.Count == 0) return [];
        double[] foretold = [.. _decibels.Select(d => d + more)];
        var last = Math.Min(wanted, foretold[^1]);
        int[] aimed = [.. Enumerable.Range(1, most).Select(i => there + (last - there) * i / most)
            .Select(wish => Array.FindIndex(foretold, d => d >= wish)).Where(i => i >= 0).Distinct().Order()];
        var next = aimed.DefaultIfEmpty(-1).Max() + 1;
        return [.. aimed.Concat(Enumerable.Range(next, _points.Count - next)).Take(most).Select(i => _points[i])];
    }

    /// <summary>The last of its points that takes so much work at most.</summary>
    public WideningPoint? LastOf(double work) => _points.LastOrDefault(p => p.Work <= work);

    /// <summary>At most so many of its points that take more work than one and less than another.</summary>
    public ImmutableArray<WideningPoint> Between(WideningPoint one, WideningPoint other, int most)
    {
        WideningPoint[] between = [.. _points.Where(p => p.Work > one.Work && p.Work < other.Work)];
        return [.. Enumerable.Range(1, most).Select(i => between.Length * i / (most + 1)).Distinct().Where(i => i < between.Length)
            .Select(i => between[i])];
    }

    /// <summary>At most so many of its points, the last among them, ever more work from one to the next.</summary>
    public ImmutableArray<WideningPoint> Points(int most) =>
        [.. _points.Where((_, i) => (i + 1) * most / _points.Count > i * most / _points.Count || _points.Count <= most)];
}
