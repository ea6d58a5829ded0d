using System.Globalization;

namespace Caliper.Calibration.Doctor;

/// <summary>Names and numbers as parts of a sentence.</summary>
internal static class Wording
{
    /// <summary>What a diagnostic about the samples themselves is about.</summary>
    public const string Data = "calibration data";

    /// <summary><c>a, b and c</c>, or <c>a, b, c and 9 more</c>.</summary>
    public static string List(IReadOnlyList<string> names, int atMost = 3)
    {
        if (names.Count == 1) return names[0];
        return names.Count <= atMost + 1
            ? $"{string.Join(", ", names.SkipLast(1))} and {names[^1]}"
            : $"{string.Join(", ", names.Take(atMost))} and {Count(names.Count - atMost)} more";
    }

    /// <summary><c>1 sample</c>, <c>1,024 samples</c>.</summary>
    public static string Count(long count, string noun) => $"{Count(count)} {noun}{(count == 1 ? "" : "s")}";

    /// <summary>A count with groups of three digits.</summary>
    public static string Count(long count) => count.ToString("N0", CultureInfo.InvariantCulture);

    /// <summary>A whole percentage.</summary>
    public static string Percent(double share) => (100 * share).ToString("F0", CultureInfo.InvariantCulture) + " %";

    /// <summary>Three significant digits, and no more than three decimals.</summary>
    public static string Number(double value)
    {
        var decimals = Math.Clamp(2 - (value == 0 ? 0 : (int)Math.Floor(Math.Log10(Math.Abs(value)))), 0, 3);
        var text = Math.Round(value, decimals).ToString("G10", CultureInfo.InvariantCulture);
        // A number too small for three decimals says how small it is.
        return text is "0" or "-0" ? value.ToString(value == 0 ? "G" : "G2", CultureInfo.InvariantCulture) : text;
    }

    /// <summary><c>[0.485 0.456 0.406]</c>, or the number alone where there is one.</summary>
    public static string Numbers(IReadOnlyList<double> values) =>
        values.Count == 1 ? Number(values[0]) : $"[{string.Join(' ', values.Select(Number))}]";
}
