namespace Caliper.Reporting.Html;

/// <summary>Round numbers for an axis.</summary>
internal static class Ticks
{
    /// <summary>Multiples of 1, 2 or 5 times a power of ten inside a range, at most about <paramref name="wanted"/> of them; none where
    /// the range is empty or not finite.</summary>
    public static double[] Between(double min, double max, int wanted)
    {
        var span = max - min;
        if (!double.IsFinite(span) || span <= 0) return [];
        var power = Math.Pow(10, Math.Floor(Math.Log10(span / wanted)));
        var step = power * (span / wanted / power) switch { <= 1 => 1, <= 2 => 2, <= 5 => 5, _ => 10 };
        if (step <= 0 || !double.IsFinite(step)) return [];
        var first = Math.Ceiling(min / step);
        var count = (int)Math.Min(wanted + 2, Math.Floor(max / step) - first + 1);
        return [.. Enumerable.Range(0, Math.Max(0, count)).Select(i => (first + i) * step)];
    }
}
