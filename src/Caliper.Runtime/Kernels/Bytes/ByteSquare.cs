using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Bytes;

/// <summary>Rows and columns of eight by eight bytes change places: each end is read and written in whole words.</summary>
internal static unsafe class ByteSquare
{
    /// <summary>Bytes along each side.</summary>
    public const int Side = sizeof(ulong);

    /// <summary>Transposes one.</summary>
    /// <param name="from">Its first byte.</param>
    /// <param name="fromStride">Bytes between words that are read.</param>
    /// <param name="to">Where it goes.</param>
    /// <param name="toStride">Bytes between words that are written.</param>
    /// <param name="flip">Bits that are flipped in each word.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Transpose(byte* from, long fromStride, byte* to, long toStride, ulong flip)
    {
        if (Sse2.IsSupported) InVectors(from, fromStride, to, toStride, flip);
        else InWords(from, fromStride, to, toStride, flip);
    }

    /// <summary>Words are laid into each other, those of two neighbours, then of four, then of all eight.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InVectors(byte* from, long fromStride, byte* to, long toStride, ulong flip)
    {
        Vector128<byte> a = Pair(0), b = Pair(2), c = Pair(4), d = Pair(6);
        var (ab, cd) = (Sse2.UnpackLow(a.AsUInt16(), b.AsUInt16()).AsUInt32(), Sse2.UnpackLow(c.AsUInt16(), d.AsUInt16()).AsUInt32());
        Put(0, Sse2.UnpackLow(ab, cd));
        Put(2, Sse2.UnpackHigh(ab, cd));
        (ab, cd) = (Sse2.UnpackHigh(a.AsUInt16(), b.AsUInt16()).AsUInt32(), Sse2.UnpackHigh(c.AsUInt16(), d.AsUInt16()).AsUInt32());
        Put(4, Sse2.UnpackLow(ab, cd));
        Put(6, Sse2.UnpackHigh(ab, cd));

        Vector128<byte> Pair(int i) => Sse2.UnpackLow(At(i), At(i + 1)) ^ Vector128.Create(flip).AsByte();
        Vector128<byte> At(int i) => Vector128.CreateScalarUnsafe(Unsafe.ReadUnaligned<ulong>(from + i * fromStride)).AsByte();
        void Put(int i, Vector128<uint> words)
        {
            Unsafe.WriteUnaligned(to + i * toStride, words.AsUInt64().ToScalar());
            Unsafe.WriteUnaligned(to + (i + 1) * toStride, words.AsUInt64()[1]);
        }
    }

    /// <summary>Eight words, each from another place; then their halves, quarters and bytes change places in pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void InWords(byte* from, long fromStride, byte* to, long toStride, ulong flip)
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
