using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Bytes;

/// <summary>Rows and columns of eight by eight bytes change places: each end is read and written in whole words.</summary>
internal static unsafe class ByteSquare
{
    /// <summary>Bytes along each side.</summary>
    public const int Side = sizeof(ulong);

    /// <summary>Eight words, each from another place; then their halves, quarters and bytes change places in pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(byte* from, long fromStride, byte* to, long toStride, ulong flip)
    {
        const ulong Halves = 0x0000_0000_FFFF_FFFF, Quarters = 0x0000_FFFF_0000_FFFF, Bytes = 0x00FF_00FF_00FF_00FF;
        ulong a = At(0), b = At(1), c = At(2), d = At(3), e = At(4), f = At(5), g = At(6), h = At(7);
        Swap(ref a, ref e, 32, Halves);
        Swap(ref b, ref f, 32, Halves);
        Swap(ref c, ref g, 32, Halves);
        Swap(ref d, ref h, 32, Halves);
        Swap(ref a, ref c, 16, Quarters);
        Swap(ref b, ref d, 16, Quarters);
        Swap(ref e, ref g, 16, Quarters);
        Swap(ref f, ref h, 16, Quarters);
        Swap(ref a, ref b, 8, Bytes);
        Swap(ref c, ref d, 8, Bytes);
        Swap(ref e, ref f, 8, Bytes);
        Swap(ref g, ref h, 8, Bytes);
        Put(0, a);
        Put(1, b);
        Put(2, c);
        Put(3, d);
        Put(4, e);
        Put(5, f);
        Put(6, g);
        Put(7, h);

        ulong At(int i) => Unsafe.ReadUnaligned<ulong>(from + i * fromStride) ^ flip;
        void Put(int i, ulong word) => Unsafe.WriteUnaligned(to + i * toStride, word);
    }

    /// <summary>The upper part of one word for the lower part of the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Swap(ref ulong low, ref ulong high, int shift, ulong mask)
    {
        var both = ((low >> shift) ^ high) & mask;
        high ^= both;
        low ^= both << shift;
    }
}
