using System.Globalization;

namespace Caliper.Reporting.Html;

/// <summary>How the report writes its numbers.</summary>
internal static class Figures
{
    /// <summary>What stands where there is no number.</summary>
    public const string None = "–";

    /// <summary>Decibels to one place; no error at all is "exact".</summary>
    public static string Decibels(double? value) => value switch
    {
        null => None,
        double.NaN => "n/a",
        double.PositiveInfinity => "exact",
        double.NegativeInfinity => "-∞",
        _ => value.Value.ToString("F1", CultureInfo.InvariantCulture),
    };

    /// <summary>Decibels with their unit, where they have one.</summary>
    public static string DecibelsWithUnit(double? value) =>
        value is { } number && double.IsFinite(number) ? Decibels(value) + " dB" : Decibels(value);

    /// <summary>A share from 0 to 1 in percent. A share above zero is never written as zero.</summary>
    public static string Percent(double share) => share switch
    {
        double.NaN => "n/a",
        <= 0 => "0 %",
        < 0.0001 => "<0.01 %",
        < 0.1 => (100 * share).ToString("F2", CultureInfo.InvariantCulture) + " %",
        _ => (100 * share).ToString("F1", CultureInfo.InvariantCulture) + " %",
    };

    /// <summary>A real number to four digits; up to ten millions written out.</summary>
    public static string Real(double value) => value switch
    {
        double.NaN => "n/a",
        double.PositiveInfinity => "∞",
        double.NegativeInfinity => "-∞",
        _ when Math.Abs(value) is >= 9_999.5 and < 1e7 => value.ToString("F0", CultureInfo.InvariantCulture),
        _ => value.ToString("G4", CultureInfo.InvariantCulture),
    };

    /// <summary>A loss with its sign, to four places.</summary>
    public static string Loss(double? change) => change is { } value && double.IsFinite(value)
        ? value.ToString("+0.0000;-0.0000;0.0000", CultureInfo.InvariantCulture) : None;

    /// <summary>A number of things, its digits in groups of three. The gap is narrow and never breaks a line.</summary>
    public static string Count(long value) => value.ToString("#,0", CultureInfo.InvariantCulture).Replace(',', '\u202f');

    /// <summary>A number as the script sorts by it; empty where there is none.</summary>
    public static string Key(double? value) =>
        value is { } number && !double.IsNaN(number) ? number.ToString("G9", CultureInfo.InvariantCulture) : "";
}
