using System.Globalization;

namespace Caliper.Tool.Consoles;

/// <summary>Numbers as people read them, the same in every culture.</summary>
internal static class Numbers
{
    private static readonly CultureInfo Invariant = CultureInfo.InvariantCulture;

    /// <summary>A whole number with its thousands apart: <c>1,024</c>.</summary>
    public static string Count(long value) => value.ToString("N0", Invariant);

    /// <summary>A number with so many decimals.</summary>
    public static string Fixed(double value, int decimals) => value.ToString("F" + decimals.ToString(Invariant), Invariant);

    /// <summary>A number with its sign: <c>+0.15</c>, <c>-0.30</c>.</summary>
    public static string Signed(double value, int decimals)
    {
        var text = Fixed(Math.Abs(value), decimals);
        return text.All(c => c is '0' or '.') ? text : (value < 0 ? "-" : "+") + text;
    }

    /// <summary>A number with about four digits that count, for scales and ranges of any size.</summary>
    public static string Compact(double value) => value.ToString("G4", Invariant);

    /// <summary>A number with three digits that count, where a row has many.</summary>
    public static string Brief(double value) => value.ToString("G3", Invariant);

    /// <summary>A share in percent: <c>2.3 %</c>; beyond ten times, that.</summary>
    public static string Share(double value) => value > 10 ? "> 1000 %" : Fixed(100 * value, 1) + " %";

    /// <summary>Decibels: <c>29.3 dB</c>, or words where the ratio is no number.</summary>
    public static string Decibels(double value) =>
        double.IsPositiveInfinity(value) ? "identical" : double.IsFinite(value) ? Fixed(value, 1) + " dB" : "undefined";

    /// <summary>A size in the unit that suits it: <c>812 B</c>, <c>283.4 kB</c>, <c>1.09 MB</c>.</summary>
    public static string Bytes(long value) => value switch
    {
        < 1_000 => $"{value.ToString(Invariant)} B",
        < 1_000_000 => $"{Fixed(value / 1e3, 1)} kB",
        < 1_000_000_000 => $"{Fixed(value / 1e6, 2)} MB",
        _ => $"{Fixed(value / 1e9, 2)} GB",
    };

    /// <summary>A large count with three digits that count: <c>812</c>, <c>28.3 k</c>, <c>1.09 M</c>, <c>174 M</c>.</summary>
    public static string Short(long value)
    {
        if (value < 1_000) return value.ToString(Invariant);
        var (scaled, unit) = value switch
        {
            // From here on three digits would round to the next unit's 1.00.
            < 999_500 => (value / 1e3, "k"),
            < 999_500_000 => (value / 1e6, "M"),
            < 999_500_000_000 => (value / 1e9, "G"),
            _ => (value / 1e12, "T"),
        };
        return $"{Fixed(scaled, scaled < 9.995 ? 2 : scaled < 99.95 ? 1 : 0)} {unit}";
    }

    /// <summary>A duration of work: <c>0.42 s</c>, <c>1:05</c>.</summary>
    public static string Duration(TimeSpan value) => value.TotalSeconds < 60
        ? $"{Fixed(value.TotalSeconds, value.TotalSeconds < 10 ? 2 : 1)} s"
        : string.Create(Invariant, $"{(long)value.TotalMinutes}:{value.Seconds:00}");

    /// <summary>A duration that is a guess: whole seconds.</summary>
    public static string Rough(TimeSpan value) => value.TotalSeconds < 60
        ? $"{Count((long)Math.Ceiling(value.TotalSeconds))} s" : Duration(value);
}
