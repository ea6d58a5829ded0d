using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Bytes;

/// <summary>Replaces each byte by an entry of a table of 256.</summary>
internal unsafe delegate void TableKernel(byte* source, byte* destination, int count, byte* table);

/// <summary>Every function of one quantized value is a table: sigmoid, tanh, hard swish, requantization, …</summary>
internal static unsafe class TableKernels
{
    public static KernelTable<TableKernel> All { get; } = new("table",
        new("avx512-vbmi", KernelSet.Assembled, Machine.WithoutVbmi, Vbmi),
        new("avx2", KernelSet.Avx2, Machine.WithoutAvx2, Shuffled),
        new("portable", KernelSet.Portable, Machine.Nothing, Portable));

    public static void Portable(byte* source, byte* destination, int count, byte* table)
    {
        for (var i = 0; i < count; i++) destination[i] = table[source[i]];
    }

    /// <summary>The table fills four vectors; one instruction looks 64 bytes up in two of them, by the low 7 bits. The top
    /// bit then says which half was right.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Vbmi(byte* source, byte* destination, int count, byte* table)
    {
        var (t0, t1) = (Vector512.Load(table), Vector512.Load(table + 64));
        var (t2, t3) = (Vector512.Load(table + 128), Vector512.Load(table + 192));
        var i = 0;
        for (; i <= count - 64; i += 64) Look(Vector512.Load(source + i)).Store(destination + i);
        Portable(source + i, destination + i, count - i, table);

        Vector512<byte> Look(Vector512<byte> q)
        {
            var low = Avx512Vbmi.PermuteVar64x8x2(t0, q, t1);
            var high = Avx512Vbmi.PermuteVar64x8x2(t2, q, t3);
            return Vector512.ConditionalSelect(Vector512.LessThan(q.AsSByte(), Vector512<sbyte>.Zero).AsByte(), high, low);
        }
    }

    private const int Pieces = 16, Wrapping = 8;

    /// <summary>Looked up in sixteen pieces, two vectors at a time. The last two overlap others, and are read first: the bytes may be replaced where
    /// they are.</summary>
    [SkipLocalsInit]
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Shuffled(byte* source, byte* destination, int count, byte* table)
    {
        const int Width = 32;
        if (count < Width) { Portable(source, destination, count, table); return; }
        var pieces = stackalloc Vector128<byte>[Pieces];
        CutIntoPieces(table, pieces);
        var (end, beforeEnd) = (count - Width, Math.Max(0, count - 2 * Width));
        var (last, beforeLast) = (Vector256.Load(source + end), Vector256.Load(source + beforeEnd));
        for (var i = 0; i < beforeEnd; i += 2 * Width)
        {
            var (first, second) = (Vector256.Load(source + i), Vector256.Load(source + i + Width));
            Look(ref first, ref second, pieces);
            first.Store(destination + i);
            second.Store(destination + i + Width);
        }
        Look(ref beforeLast, ref last, pieces);
        beforeLast.Store(destination + beforeEnd);
        last.Store(destination + end);
    }

    /// <summary>What <see cref="Look"/> takes step by step: XOR of what one step has more than the one before, of which a byte above 127 sees the
    /// last eight only.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void CutIntoPieces(byte* table, Vector128<byte>* pieces)
    {
        pieces[0] = Vector128.Load(table);
        for (var k = 1; k < Pieces; k++) pieces[k] = Vector128.Load(table + 16 * k) ^ Vector128.Load(table + 16 * (k - 1));
        for (var k = Wrapping; k < Pieces; k++) pieces[k] ^= pieces[k - Wrapping];
    }

    /// <summary>A shuffle looks up in 16 entries, and gives 0 where the index has its top bit set. Lowered by 16 a step, an index below 128 takes
    /// part from the first step to the one that has its entries, any other in the last eight up to that. Beyond the eighth step all that is
    /// negative stays so: it is lowered no further than -128.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Look(ref Vector256<byte> first, ref Vector256<byte> second, Vector128<byte>* pieces)
    {
        var step = Vector256.Create((byte)16);
        var (q0, q1) = (first, second);
        var entries = Avx2.BroadcastVector128ToVector256((byte*)pieces);
        var (r0, r1) = (Avx2.Shuffle(entries, q0), Avx2.Shuffle(entries, q1));
        for (var at = pieces + 1; at <= pieces + Wrapping; at++)
        {
            (q0, q1) = (q0 - step, q1 - step);
            entries = Avx2.BroadcastVector128ToVector256((byte*)at);
            (r0, r1) = (r0 ^ Avx2.Shuffle(entries, q0), r1 ^ Avx2.Shuffle(entries, q1));
        }
        for (var at = pieces + Wrapping + 1; at < pieces + Pieces; at++)
        {
            q0 = Avx2.SubtractSaturate(q0.AsSByte(), step.AsSByte()).AsByte();
            q1 = Avx2.SubtractSaturate(q1.AsSByte(), step.AsSByte()).AsByte();
            entries = Avx2.BroadcastVector128ToVector256((byte*)at);
            (r0, r1) = (r0 ^ Avx2.Shuffle(entries, q0), r1 ^ Avx2.Shuffle(entries, q1));
        }
        (first, second) = (r0, r1);
    }
}
