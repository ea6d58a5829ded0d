using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Products;

/// <summary>Brings the right matrix into the order in which dot products of four bytes read it, four rows (a quad) of some columns at a time: a
/// lane is a column. The transposition that attention writes in its graph happens here, or not at all: only distances differ.</summary>
internal static unsafe class ProductPacking
{
    /// <summary>Quads of a tile.</summary>
    public const int QuadsOfTile = 16;

    /// <summary>Columns of the widest vector.</summary>
    public const int MostLanes = 16;

    // Less 128 is the top bit turned round.
    private const uint SignBits = 0x80808080;

    /// <summary>Packs 16 quads of some columns, each byte less 128, so that it is signed; rows that do not exist are 0.</summary>
    /// <param name="start">The first row's first column.</param>
    /// <param name="strides">How the matrix lies.</param>
    /// <param name="rows">Rows that exist from there on, 64 of which are taken.</param>
    /// <param name="lanes">Columns that exist; lanes after them are left as they are.</param>
    /// <param name="packed">Receives a vector of lanes, four bytes each, for each quad.</param>
    /// <param name="width">Lanes of a vector.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Tile(byte* start, MatrixStrides strides, int rows, int lanes, uint* packed, int width)
    {
        var whole = Math.Min(rows / 4, QuadsOfTile);
        if (strides.Row == 1) Columns(start, strides.Column, whole, lanes, packed, width);
        else if (strides.Column == 1) Rows(start, strides.Row, whole, lanes, packed, width);
        else whole = 0;
        for (var quad = whole; quad < QuadsOfTile; quad++)
        {
            var exist = Math.Clamp(rows - 4 * quad, 0, 4);
            if (exist == 0) new Span<uint>(packed + quad * width, width).Clear();
            else for (var lane = 0; lane < lanes; lane++) packed[quad * width + lane] = One(start, strides, quad, lane, exist);
        }
    }

    /// <summary>Copies a row of the left matrix, one byte after the other and then zeros; returns the sum of its bytes.</summary>
    /// <param name="source">Its first byte.</param>
    /// <param name="step">Bytes from one to the next.</param>
    /// <param name="count">How many.</param>
    /// <param name="row">Receives them.</param>
    /// <param name="length">Bytes and zeros, a multiple of 32.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static int Row(byte* source, long step, int count, byte* row, int length)
    {
        if (step == 1) Unsafe.CopyBlockUnaligned(row, source, (uint)count);
        else for (var i = 0; i < count; i++) row[i] = source[i * step];
        new Span<byte>(row + count, length - count).Clear();
        var words = Vector256<uint>.Zero;
        for (var i = 0; i < length; i += 32)
        {
            var (low, high) = Vector256.Widen(Vector256.Load(row + i));
            var (a, b) = Vector256.Widen(low + high);
            words += a + b;
        }
        return (int)Vector256.Sum(words);
    }

    /// <summary>Each column's bytes lie side by side: four columns of four quads are transposed in registers.</summary>
    private static void Columns(byte* start, long stride, int quads, int lanes, uint* packed, int width)
    {
        var (square, wide) = (Sse2.IsSupported ? quads & ~3 : 0, lanes & ~3);
        for (var lane = 0; lane < wide; lane += 4)
            for (var quad = 0; quad < square; quad += 4)
                Square(start + lane * stride + 4 * quad, stride, packed + quad * width + lane, width);
        for (var lane = 0; lane < lanes; lane++)
            for (var quad = lane < wide ? square : 0; quad < quads; quad++)
                packed[quad * width + lane] = *(uint*)(start + lane * stride + 4 * quad) ^ SignBits;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Square(byte* start, long stride, uint* packed, int width)
    {
        var (a, b) = (Vector128.Load((uint*)start), Vector128.Load((uint*)(start + stride)));
        var (c, d) = (Vector128.Load((uint*)(start + 2 * stride)), Vector128.Load((uint*)(start + 3 * stride)));
        var (ab, cd) = (Sse2.UnpackLow(a, b).AsUInt64(), Sse2.UnpackLow(c, d).AsUInt64());
        var (abHigh, cdHigh) = (Sse2.UnpackHigh(a, b).AsUInt64(), Sse2.UnpackHigh(c, d).AsUInt64());
        var signs = Vector128.Create(SignBits);
        (Sse2.UnpackLow(ab, cd).AsUInt32() ^ signs).Store(packed);
        (Sse2.UnpackHigh(ab, cd).AsUInt32() ^ signs).Store(packed + width);
        (Sse2.UnpackLow(abHigh, cdHigh).AsUInt32() ^ signs).Store(packed + 2 * width);
        (Sse2.UnpackHigh(abHigh, cdHigh).AsUInt32() ^ signs).Store(packed + 3 * width);
    }

    /// <summary>Each row's bytes lie side by side.</summary>
    private static void Rows(byte* start, long stride, int quads, int lanes, uint* packed, int width)
    {
        for (var quad = 0; quad < quads; quad++, start += 4 * stride, packed += width)
        {
            var lane = 0;
            for (; lane <= lanes - 8; lane += 8) Interleave(start + lane, stride, packed + lane);
            for (; lane < lanes; lane++) packed[lane] = One(start, new(stride, 1), 0, lane, 4);
        }
    }

    /// <summary>Four rows of eight bytes: first pairs, then pairs of pairs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Interleave(byte* start, long row, uint* quad)
    {
        // As words: the byte of the second row is the upper one. As double words likewise.
        var lower = Words(start) | (Words(start + row) << 8);
        var upper = Words(start + 2 * row) | (Words(start + 3 * row) << 8);
        var (lowA, lowB) = Vector128.Widen(lower);
        var (highA, highB) = Vector128.Widen(upper);
        var signs = Vector128.Create(SignBits);
        ((lowA | (highA << 16)) ^ signs).Store(quad);
        ((lowB | (highB << 16)) ^ signs).Store(quad + 4);

        static Vector128<ushort> Words(byte* at) => Vector128.WidenLower(Vector64.Load(at).ToVector128Unsafe());
    }

    private static uint One(byte* start, MatrixStrides strides, int quad, int lane, int rows)
    {
        var (at, bytes) = ((nint)(start + 4 * quad * strides.Row + lane * strides.Column), 0u);
        for (var row = 0; row < rows; row++) bytes |= (uint)(*(byte*)(at + row * (nint)strides.Row) ^ 0x80) << (8 * row);
        return bytes;
    }
}
