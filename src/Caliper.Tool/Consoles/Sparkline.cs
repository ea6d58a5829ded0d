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
}
