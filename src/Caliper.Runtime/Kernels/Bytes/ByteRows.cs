using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Bytes;

/// <summary>Copies rows of bytes that lie at one distance to another. Rows are short (the channels of a pixel), and a call for each would
/// take longer than its bytes: two words that overlap are a row of any length up to their sum.</summary>
internal static unsafe class ByteRows
{
    /// <summary>Copies rows; nothing beside them is touched.</summary>
    public static void Copy(byte* from, long fromStride, byte* to, long toStride, int rows, int columns)
    {
        if (columns == 3 && (fromStride, toStride) == (3, 4) && Vector128.IsHardwareAccelerated)
        {
            var done = Colours(from, to, rows);
            from += 3 * done;
            to += 4 * done;
            rows -= done;
        }
        if (columns >= 32) Long(from, fromStride, to, toStride, rows, columns);
        else if (columns >= 16) Pairs<Vector128<byte>>(from, fromStride, to, toStride, rows, columns - 16);
        else if (columns >= 8) Pairs<ulong>(from, fromStride, to, toStride, rows, columns - 8);
        else if (columns >= 4) Pairs<uint>(from, fromStride, to, toStride, rows, columns - 4);
        else if (columns >= 2) Pairs<ushort>(from, fromStride, to, toStride, rows, columns - 2);
        else if (columns == 1) for (var row = 0; row < rows; row++, from += fromStride, to += toStride) *to = *from;
    }

    /// <summary>Four pixels at a time of three bytes to pixels of four, whose last byte keeps its value; returns how many were done. Sixteen bytes
    /// are read for twelve, and the last byte of the last pixel may not be ours: so some are left.</summary>
    private static int Colours(byte* from, byte* to, int pixels)
    {
        var places = Vector128.Create((byte)0, 1, 2, 255, 3, 4, 5, 255, 6, 7, 8, 255, 9, 10, 11, 255);
        var fourth = Vector128.Create(0xFF00_0000u).AsByte();
        var i = 0;
        for (; i <= pixels - 6; i += 4, from += 12, to += 16)
            (Vector128.Shuffle(Vector128.Load(from), places) | (Vector128.Load(to) & fourth)).Store(to);
        return i;
    }

    /// <summary>The first bytes and the last ones.</summary>
    private static void Pairs<T>(byte* from, long fromStride, byte* to, long toStride, int rows, int second) where T : unmanaged
    {
        for (var row = 0; row < rows; row++, from += fromStride, to += toStride)
        {
            var (head, tail) = (Unsafe.ReadUnaligned<T>(from), Unsafe.ReadUnaligned<T>(from + second));
            Unsafe.WriteUnaligned(to, head);
            Unsafe.WriteUnaligned(to + second, tail);
        }
    }

    private static void Long(byte* from, long fromStride, byte* to, long toStride, int rows, int columns)
    {
        for (var row = 0; row < rows; row++, from += fromStride, to += toStride)
        {
            var c = 0;
            for (; c < columns - 32; c += 32) Vector256.Load(from + c).Store(to + c);
            Vector256.Load(from + columns - 32).Store(to + columns - 32);
        }
    }
}
