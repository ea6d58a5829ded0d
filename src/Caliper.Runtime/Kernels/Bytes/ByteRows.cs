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
        if (columns >= 32) Long(from, fromStride, to, toStride, rows, columns);
        else if (columns >= 16) Pairs<Vector128<byte>>(from, fromStride, to, toStride, rows, columns - 16);
        else if (columns >= 8) Pairs<ulong>(from, fromStride, to, toStride, rows, columns - 8);
        else if (columns >= 4) Pairs<uint>(from, fromStride, to, toStride, rows, columns - 4);
        else
            for (var row = 0; row < rows; row++, from += fromStride, to += toStride)
                for (var c = 0; c < columns; c++) to[c] = from[c];
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
