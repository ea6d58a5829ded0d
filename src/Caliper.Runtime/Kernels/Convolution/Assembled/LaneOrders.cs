using System.Runtime.InteropServices;

namespace Caliper.Kernels.Convolution.Assembled;

/// <summary>Orders of the 16 lanes of a vector, and of the bytes of its quarters, that bring packed outputs into place.</summary>
internal static class LaneOrders
{
    /// <summary>Three vectors a pixel: the fourth lane of every quarter is left out.</summary>
    public static ReadOnlySpan<byte> WithoutFourth => Bytes([0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15]);

    /// <summary>Two pixels, each with two lanes of every quarter: one pixel after the other.</summary>
    public static ReadOnlySpan<byte> TwoPixels => Bytes([0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15]);

    /// <summary>Four pixels, each with one lane of every quarter: one pixel after the other.</summary>
    public static ReadOnlySpan<byte> FourPixels => Bytes([0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15]);

    /// <summary>The inverse of <see cref="TwoPixels"/>: two lanes to each quarter.</summary>
    private static ReadOnlySpan<byte> TwoToQuarter => Bytes([0, 1, 8, 9, 2, 3, 10, 11, 4, 5, 12, 13, 6, 7, 14, 15]);

    /// <summary>The inverse of <see cref="WithoutFourth"/>: three lanes to each quarter.</summary>
    public static ReadOnlySpan<byte> ThreeToQuarter => Bytes([0, 1, 2, 12, 3, 4, 5, 13, 6, 7, 8, 14, 9, 10, 11, 15]);

    /// <summary>Pixels of so many vectors, one to four, as packing leaves them: the first pixel's bytes come first.</summary>
    public static ReadOnlySpan<byte> FromQuarters(int vectors) => vectors switch { 1 => FourPixels, 2 => TwoPixels, 3 => WithoutFourth, _ => [] };

    /// <summary>The inverse of <see cref="FromQuarters"/>: to each quarter so many lanes.</summary>
    public static ReadOnlySpan<byte> ToQuarters(int vectors) => vectors switch { 1 => FourPixels, 2 => TwoToQuarter, 3 => ThreeToQuarter, _ => [] };

    /// <summary>In each quarter, four elements of so many bytes from element <paramref name="first"/> on, each to a lane of its
    /// own with zeros above its low byte.</summary>
    public static byte[] ElementsToLanes(int first, int elementBytes)
    {
        const byte Zero = 0x80;
        var control = new byte[64];
        for (var i = 0; i < 64; i++) control[i] = i % 4 == 0 ? (byte)((first + i % 16 / 4) * elementBytes) : Zero;
        return control;
    }

    private static ReadOnlySpan<byte> Bytes(int[] lanes) => MemoryMarshal.AsBytes(lanes.AsSpan());
}
