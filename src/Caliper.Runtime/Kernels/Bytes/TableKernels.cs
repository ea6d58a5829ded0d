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
}
