using System.Globalization;

namespace Pictures.Plotting;

/// <summary>Numbers as they stand in the pictures: a true minus sign, a decimal point in every culture.</summary>
internal static class Figures
{
    /// <summary>A number with so many digits that count.</summary>
    public static string Real(double value, int digits = 4) =>
        Signed(Math.Abs(value) < 1e-12 ? "0" : value.ToString("G" + digits.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>A number with so many decimals.</summary>
    public static string Fixed(double value, int decimals) =>
        Signed(value.ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture));

    /// <summary>A whole number with its thousands apart.</summary>
    public static string Count(long value) => Signed(value.ToString("N0", CultureInfo.InvariantCulture));

    private static string Signed(string text) => text.Replace('-', '−');
}
