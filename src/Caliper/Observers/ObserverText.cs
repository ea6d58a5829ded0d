using System.Collections.Immutable;
using System.Globalization;

namespace Caliper.Observers;

/// <summary>Numbers as PyTorch prints them.</summary>
internal static class ObserverText
{
    /// <summary>One number, or the first few of a list in brackets.</summary>
    public static string Numbers(ImmutableArray<float> numbers) => List(numbers.Select(Number));

    /// <summary>One integer, or the first few of a list in brackets.</summary>
    public static string Numbers(ImmutableArray<int> numbers) =>
        List(numbers.Select(number => number.ToString(CultureInfo.InvariantCulture)));

    /// <summary>Four decimals, unless they would hide the number.</summary>
    public static string Number(float number)
    {
        var size = MathF.Abs(number);
        return number.ToString(size == 0 || size is >= 1e-3f and < 1e6f ? "0.0000" : "0.0000e+00", CultureInfo.InvariantCulture);
    }

    private static string List(IEnumerable<string> numbers)
    {
        var all = numbers.ToArray();
        if (all.Length == 1) return all[0];
        return all.Length <= 3 ? $"[{string.Join(", ", all)}]" : $"[{string.Join(", ", all.Take(3))}, … {all.Length} in all]";
    }
}
