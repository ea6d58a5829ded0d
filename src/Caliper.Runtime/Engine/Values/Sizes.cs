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
}
