namespace Caliper.Tool.Consoles;

/// <summary>A row of numbers as bars one character wide.</summary>
internal static class Sparkline
{
    private const string Bars = "▁▂▃▄▅▆▇█";

    /// <summary>From the least to the greatest number; all of middle height where they are equal.</summary>
    public static string Of(IReadOnlyList<float> values)
    {
        if (values.Count == 0) return "";
        var (min, max) = (values.Min(), values.Max());
        return string.Concat(values.Select(v => max > min ? Bars[(int)((v - min) / (max - min) * (Bars.Length - 1) + 0.5f)] : Bars[Bars.Length / 2]));
    }

    /// <summary>Counts summed up in so many groups of neighbours. Heights are <c>log(1 + count)</c>, so that tails show beside a peak that
    /// outnumbers them a thousandfold; where nothing was counted there is no bar.</summary>
    public static string OfCounts(IReadOnlyList<long> counts, int bars)
    {
        var groups = new long[bars];
        for (var i = 0; i < counts.Count; i++) groups[i * bars / counts.Count] += counts[i];
        var most = Math.Log(1d + groups.Max());
        return string.Concat(groups.Select(count => count == 0 ? ' ' : Bars[(int)Math.Round(Math.Log(1d + count) / most * (Bars.Length - 1))]));
    }

    /// <summary>A bar for each number of bits, one eighth high for each bit of eight that has begun.</summary>
    public static string OfBits(IEnumerable<double> bits) =>
        string.Concat(bits.Select(b => Bars[Math.Clamp((int)Math.Ceiling(b), 1, Bars.Length) - 1]));
}
