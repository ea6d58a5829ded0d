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

    private WideningPath() { }

    /// <summary>Finds the path.</summary>
    /// <param name="sources">All sources.</param>
    /// <param name="work">What more bits cost.</param>
    /// <param name="options">The limits.</param>
    public static WideningPath Of(ImmutableArray<NoiseSource> sources, NetworkWork work, SearchOptions options)
    {
        var path = new WideningPath();
        var left = sources.Where(s => s.Share.Any(n => n > 0)).ToList();
        var noise = left.Aggregate(new double[sources.IsEmpty ? 0 : sources[0].Share.Length], (sum, s) => [.. sum.Zip(s.Share, (a, b) => a + b)]);
        var point = Start;
        while (left.Count > 0 && noise.Max() > Math.Pow(10, -(options.Aim + 10) / 10))
        {
            var worst = Array.IndexOf(noise, noise.Max());
            var next = left.OrderByDescending(source => source.Share[worst] / (point.WorkOf(source, work) + LeastCost * work.Whole))
                .FirstOrDefault(source => source.Share[worst] > 0 && point.With(source, work).IsWithin(options));
            if (next is null) break;
            point = point.With(next, work);
            left.Remove(next);
            noise = [.. noise.Zip(next.Share, (a, b) => Math.Max(0, a - b))];
            path._points.Add(point);
        }
        return path;
    }

    /// <summary>At most so many of its points, the last among them, ever more work from one to the next.</summary>
    public ImmutableArray<WideningPoint> Points(int most) =>
        [.. _points.Where((_, i) => (i + 1) * most / _points.Count > i * most / _points.Count || _points.Count <= most)];
}
