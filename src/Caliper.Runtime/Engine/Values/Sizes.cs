namespace Caliper.Engine.Values;

/// <summary>Arithmetic on lengths of axes.</summary>
internal static class Sizes
{
    /// <summary>The next multiple.</summary>
    public static int RoundUp(int value, int multiple) => checked((value + multiple - 1) / multiple * multiple);

    /// <summary>The next multiple.</summary>
    public static long RoundUp(long value, int multiple) => checked((value + multiple - 1) / multiple * multiple);

    /// <summary>Quotient rounded up.</summary>
    public static int CeilDiv(int value, int divisor) => (value + divisor - 1) / divisor;

    /// <summary>The product of some lengths.</summary>
    public static int Product(ReadOnlySpan<int> lengths)
    {
        var product = 1;
        foreach (var length in lengths) product = checked(product * length);
        return product;
    }

    /// <summary>Such as <c>1×3×32×32</c>.</summary>
    public static string Text(ReadOnlySpan<int> shape) => shape.Length == 0 ? "scalar" : string.Join('×', shape.ToArray());

    /// <summary>The fewest axes of which both shapes are joined, such as 2, 3, 4 of 6×4 and 2×12; null where there are none, as of 4×6 and
    /// 6×4.</summary>
    public static int[]? CommonAxes(ReadOnlySpan<int> one, ReadOnlySpan<int> other)
    {
        var axes = new List<int>();
        var (i, k) = (one.Length, other.Length);
        var (a, b) = (1, 1);
        while (true)
        {
            while (a == 1 && i > 0) a = one[--i];
            while (b == 1 && k > 0) b = other[--k];
            if (a == 1 && b == 1) break;
            var axis = Math.Min(a, b);
            if (axis == 0 || a % axis != 0 || b % axis != 0 || axis == 1) return null;
            axes.Add(axis);
            (a, b) = (a / axis, b / axis);
        }
        axes.Reverse();
        return [.. axes];
    }
}
