namespace Caliper.Ranges;

/// <summary>Equal bins made of others, whose values are taken as spread evenly. Exact zeros are left out: they cost
/// nothing.</summary>
internal static class LinearHistogram
{
    /// <summary>The magnitudes up to <paramref name="end"/>.</summary>
    public static double[] Of(MagnitudeMoments magnitudes, double end, int bins)
    {
        var counts = new double[bins];
        var before = 0d;
        for (var i = 0; i < bins; i++)
        {
            var upTo = i == bins - 1 ? magnitudes.Total.Count : magnitudes.UpTo(end * (i + 1) / bins).Count;
            (counts[i], before) = (Math.Max(0, upTo - before), upTo);
        }
        return counts;
    }
}
