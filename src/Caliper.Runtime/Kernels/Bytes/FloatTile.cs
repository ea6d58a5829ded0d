using System.Numerics;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Engine.Values;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Bytes;

/// <summary>How the rows and columns of a tile lie in memory.</summary>
/// <param name="Rows">Rows.</param>
/// <param name="Columns">Columns.</param>
/// <param name="RowStride">Bytes from row to row.</param>
/// <param name="ColumnStride">Bytes from column to column.</param>
internal readonly record struct TileShape(int Rows, int Columns, long RowStride, long ColumnStride)
{
    /// <summary>Elements.</summary>
    public int Count => Rows * Columns;

    /// <summary>Whether elements of one byte lie side by side.</summary>
    public bool AreBytesTogether => ColumnStride == 1 && (Rows == 1 || RowStride == Columns);
}

/// <summary>Fetches a tile of a tensor as floats side by side, row by row, and puts it back.</summary>
internal static unsafe class FloatTile
{
    /// <summary>Elements of 4 bytes, as they are.</summary>
    public static void LoadFloats(byte* from, in TileShape shape, float* to)
    {
        var (rows, columns) = (shape.Rows, shape.Columns);
        if (shape.ColumnStride == sizeof(float) && (rows == 1 || shape.RowStride == (long)columns * sizeof(float)))
            new ReadOnlySpan<float>(from, shape.Count).CopyTo(new Span<float>(to, shape.Count));
        else if (shape.ColumnStride == sizeof(float))
            ByteRows.Copy(from, shape.RowStride, (byte*)to, columns * sizeof(float), rows, columns * sizeof(float));
        else if (shape.ColumnStride == 0)
            for (var r = 0; r < rows; r++) new Span<float>(to + r * columns, columns).Fill(*(float*)(from + r * shape.RowStride));
        else
        {
            // Along the rows, where those lie side by side: in squares, and one by one what is left.
            var areSquares = shape.RowStride == sizeof(float) && Sse.IsSupported;
            if (areSquares && columns == 3)
            {
                Interleave(from, shape.ColumnStride, to, rows);
                return;
            }
            if (areSquares && rows == 3 && shape.ColumnStride == 3 * sizeof(float))
            {
                Separate((float*)from, to, columns);
                return;
            }
            var (wholeRows, wholeColumns) = areSquares ? (rows & -4, columns & -4) : (0, 0);
            for (var c = 0; c < wholeColumns; c += 4)
                for (var r = 0; r < wholeRows; r += 4)
                    Transpose(from + r * sizeof(float) + c * shape.ColumnStride, shape.ColumnStride, to + r * columns + c, columns);
            for (var c = 0; c < columns; c++)
                for (var r = c < wholeColumns ? wholeRows : 0; r < rows; r++)
                    *(uint*)(to + r * columns + c) = *(uint*)(from + r * shape.RowStride + c * shape.ColumnStride);
        }
    }

    /// <summary>Four times four floats, columns to rows.</summary>
    private static void Transpose(byte* from, long columnStride, float* to, int rowLength)
    {
        Vector128<float> a = Vector128.Load((float*)from), b = Vector128.Load((float*)(from + columnStride));
        Vector128<float> c = Vector128.Load((float*)(from + 2 * columnStride)), d = Vector128.Load((float*)(from + 3 * columnStride));
        var (ab, cd) = (Sse.UnpackLow(a, b), Sse.UnpackLow(c, d));
        Sse.MoveLowToHigh(ab, cd).Store(to);
        Sse.MoveHighToLow(cd, ab).Store(to + rowLength);
        (ab, cd) = (Sse.UnpackHigh(a, b), Sse.UnpackHigh(c, d));
        Sse.MoveLowToHigh(ab, cd).Store(to + 2 * rowLength);
        Sse.MoveHighToLow(cd, ab).Store(to + 3 * rowLength);
    }

    /// <summary>Three planes, such as the colours of an image, to pixels. A pixel is written as four floats, the last of which the next one
    /// writes over; so the last pixels go one by one.</summary>
    private static void Interleave(byte* from, long stride, float* to, int pixels)
    {
        float* a = (float*)from, b = (float*)(from + stride), c = (float*)(from + 2 * stride);
        var i = 0;
        for (; i < pixels - 4; i += 4, to += 12)
        {
            Vector128<float> x = Vector128.Load(a + i), y = Vector128.Load(b + i), z = Vector128.Load(c + i);
            var (low, high) = (Sse.UnpackLow(x, y), Sse.UnpackHigh(x, y));
            Sse.MoveLowToHigh(low, Sse.UnpackLow(z, z)).Store(to);
            Sse.Shuffle(low, z, 0b_01_01_11_10).Store(to + 3);
            Sse.Shuffle(high, z, 0b_10_10_01_00).Store(to + 6);
            Sse.Shuffle(high, z, 0b_11_11_11_10).Store(to + 9);
        }
        for (; i < pixels; i++, to += 3) (to[0], to[1], to[2]) = (a[i], b[i], c[i]);
    }

    /// <summary>Pixels of three floats to planes.</summary>
    private static void Separate(float* from, float* to, int pixels)
    {
        float* a = to, b = to + pixels, c = b + pixels;
        var i = 0;
        for (; i <= pixels - 4; i += 4, from += 12)
        {
            Vector128<float> x = Vector128.Load(from), y = Vector128.Load(from + 4), z = Vector128.Load(from + 8);
            Sse.Shuffle(x, Sse.Shuffle(y, z, 0b_01_01_10_10), 0b_10_00_11_00).Store(a + i);
            Sse.Shuffle(Sse.Shuffle(x, y, 0b_00_00_01_01), Sse.Shuffle(y, z, 0b_10_10_11_11), 0b_10_00_10_00).Store(b + i);
            Sse.Shuffle(Sse.Shuffle(x, y, 0b_01_01_10_10), z, 0b_11_00_10_00).Store(c + i);
        }
        for (; i < pixels; i++, from += 3) (a[i], b[i], c[i]) = (from[0], from[1], from[2]);
    }

    /// <summary>Bytes, as they are: where they lie if side by side, or else brought together.</summary>
    public static byte* LoadPlain(byte* from, in TileShape shape, byte* to)
    {
        var (rows, columns) = (shape.Rows, shape.Columns);
        if (shape.AreBytesTogether) return from;
        if (shape.ColumnStride == 1) ByteRows.Copy(from, shape.RowStride, to, columns, rows, columns);
        else if (shape.ColumnStride == 0) for (var r = 0; r < rows; r++) new Span<byte>(to + r * columns, columns).Fill(from[r * shape.RowStride]);
        else Gather(from, shape, to);
        return to;
    }

    /// <summary>Bytes, as what a table says of each, or without one as what they stand for.</summary>
    public static void LoadBytes(
        byte* from, in TileShape shape, ByteScale scale, float[]? table, float* to, byte* scratch, KernelSet set) =>
        Real(LoadPlain(from, shape, scratch), shape.Count, scale, table, to, set);

    /// <summary>Elements of 4 bytes, as they are.</summary>
    public static void StoreFloats(float* from, byte* to, in TileShape shape)
    {
        var (rows, columns) = (shape.Rows, shape.Columns);
        if (shape.ColumnStride == sizeof(float))
            ByteRows.Copy((byte*)from, columns * sizeof(float), to, shape.RowStride, rows, columns * sizeof(float));
        else
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < columns; c++) *(uint*)(to + r * shape.RowStride + c * shape.ColumnStride) = *(uint*)(from + r * columns + c);
    }

    /// <summary>The bytes of floats.</summary>
    public static void StoreBytes(
        float* from, byte* to, in TileShape shape, QuantizeKernel quantize, StepProducts steps, ByteRange range, byte* scratch)
    {
        if (shape.ColumnStride == 1 && (shape.Rows == 1 || shape.RowStride == shape.Columns)) Quantize(from, shape.Count, to);
        else
        {
            Quantize(from, shape.Count, scratch);
            Spread(scratch, to, shape);
        }

        void Quantize(float* x, int count, byte* y)
        {
            quantize(x, 0, 1, count, y, 1, steps);
            if (range != ByteRange.Full) Clamp(y, count, range);
        }
    }

    /// <summary>Bytes side by side to where a tile lies.</summary>
    public static void Spread(byte* from, byte* to, in TileShape shape)
    {
        var (rows, columns) = (shape.Rows, shape.Columns);
        if (shape.ColumnStride == 1) ByteRows.Copy(from, columns, to, shape.RowStride, rows, columns);
        else
            for (var r = 0; r < rows; r++)
                for (var c = 0; c < columns; c++) to[r * shape.RowStride + c * shape.ColumnStride] = from[r * columns + c];
    }

    private static void Clamp(byte* y, int count, ByteRange range)
    {
        var (low, high) = (new Vector<byte>(range.Low), new Vector<byte>(range.High));
        var i = 0;
        for (; i <= count - Vector<byte>.Count; i += Vector<byte>.Count)
            *(Vector<byte>*)(y + i) = Vector.Min(Vector.Max(*(Vector<byte>*)(y + i), low), high);
        for (; i < count; i++) y[i] = Math.Clamp(y[i], range.Low, range.High);
    }

    /// <summary>Bytes that lie along the rows, row by row.</summary>
    private static void Gather(byte* from, in TileShape shape, byte* to)
    {
        var (rows, columns) = (shape.Rows, shape.Columns);
        var (wholeRows, wholeColumns) = shape.RowStride == 1 ? (rows & -ByteSquare.Side, columns & -ByteSquare.Side) : (0, 0);
        for (var r = 0; r < wholeRows; r += ByteSquare.Side)
            for (var c = 0; c < wholeColumns; c += ByteSquare.Side)
                ByteSquare.Transpose(from + r + c * shape.ColumnStride, shape.ColumnStride, to + r * columns + c, columns, 0);
        for (var r = 0; r < rows; r++)
            for (var c = r < wholeRows ? wholeColumns : 0; c < columns; c++) to[r * columns + c] = from[r * shape.RowStride + c * shape.ColumnStride];
    }

    private static void Real(byte* from, int count, ByteScale scale, float[]? table, float* to, KernelSet set)
    {
        var i = 0;
        if (table is not null)
        {
            if (set < KernelSet.AvxVnni && Avx2.IsSupported)
                fixed (float* entries = table)
                    for (; i <= count - 8; i += 8) Avx2.GatherVector256(entries, Avx2.ConvertToVector256Int32(from + i), sizeof(float)).Store(to + i);
            for (; i < count; i++) to[i] = table[from[i]];
            return;
        }
        if (set < KernelSet.AvxVnni && Vector512.IsHardwareAccelerated && Avx512F.IsSupported)
        {
            var (zero, factor) = (Vector512.Create((int)scale.ZeroPoint), Vector512.Create(scale.Scale));
            for (; i <= count - 16; i += 16)
                (Vector512.ConvertToSingle(Avx512F.ConvertToVector512Int32(Vector128.Load(from + i)) - zero) * factor).Store(to + i);
        }
        if (set <= KernelSet.Avx2 && Avx2.IsSupported)
        {
            var (zero, factor) = (Vector256.Create((int)scale.ZeroPoint), Vector256.Create(scale.Scale));
            for (; i <= count - 8; i += 8) (Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(from + i) - zero) * factor).Store(to + i);
        }
        if (set < KernelSet.Portable && Vector128.IsHardwareAccelerated)
        {
            var (zero, factor) = (Vector128.Create((int)scale.ZeroPoint), Vector128.Create(scale.Scale));
            for (; i <= count - 4; i += 4)
            {
                var words = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)(from + i)).AsByte()));
                (Vector128.ConvertToSingle(words.AsInt32() - zero) * factor).Store(to + i);
            }
        }
        for (; i < count; i++) to[i] = scale.Dequantize(from[i]);
    }
}
