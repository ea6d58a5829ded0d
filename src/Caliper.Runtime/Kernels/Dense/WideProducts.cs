using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Dense;

/// <summary>
/// Products of matrices of floats that lie side by side, in vectors of 512 bits: <c>y = Σ a·b</c> from 0 on, one product after the other, fused.
/// For matrices as small as attention's, panels of the right one cost as much as they save: it is read where it is. Six rows and 32 columns
/// have their sums in registers; of columns that are left, 16 at a time, those past the end are neither read nor written.
/// </summary>
internal static unsafe class WideProducts
{
    private const int Rows = 6, Lanes = 16;

    /// <summary>Computes y.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public static void Run(float* a, float* b, float* y, int rows, int inner, int columns)
    {
        var column = 0;
        for (; column <= columns - 2 * Lanes; column += 2 * Lanes)
            for (var row = 0; row < rows; row += Rows)
                Tile(a + (long)row * inner, b + column, y + (long)row * columns + column, Math.Min(Rows, rows - row), inner, columns);
        for (; column < columns; column += Lanes)
        {
            var mask = Vector512.LessThan(Vector512<int>.Indices, Vector512.Create(columns - column)).AsSingle();
            for (var row = 0; row < rows; row += Rows)
                Tile(a + (long)row * inner, b + column, y + (long)row * columns + column, Math.Min(Rows, rows - row), inner, columns, mask);
        }
    }

    // Rows that there are not are the last one once more, with the same sums.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* a, float* b, float* y, int rows, int inner, int columns)
    {
        float* r0 = a, r1 = a + Math.Min(1, rows - 1) * (long)inner, r2 = a + Math.Min(2, rows - 1) * (long)inner;
        float* r3 = a + Math.Min(3, rows - 1) * (long)inner, r4 = a + Math.Min(4, rows - 1) * (long)inner, r5 = a + (rows - 1) * (long)inner;
        Vector512<float> a0 = default, a1 = default, b0 = default, b1 = default, c0 = default, c1 = default;
        Vector512<float> d0 = default, d1 = default, e0 = default, e1 = default, f0 = default, f1 = default;
        for (var k = 0L; k < inner; k++, b += columns)
        {
            var (left, right) = (Vector512.Load(b), Vector512.Load(b + Lanes));
            (a0, a1) = (Add(r0[k], left, a0), Add(r0[k], right, a1));
            (b0, b1) = (Add(r1[k], left, b0), Add(r1[k], right, b1));
            (c0, c1) = (Add(r2[k], left, c0), Add(r2[k], right, c1));
            (d0, d1) = (Add(r3[k], left, d0), Add(r3[k], right, d1));
            (e0, e1) = (Add(r4[k], left, e0), Add(r4[k], right, e1));
            (f0, f1) = (Add(r5[k], left, f0), Add(r5[k], right, f1));
        }
        Put(rows - 1, f0, f1);
        Put(Math.Min(4, rows - 1), e0, e1);
        Put(Math.Min(3, rows - 1), d0, d1);
        Put(Math.Min(2, rows - 1), c0, c1);
        Put(Math.Min(1, rows - 1), b0, b1);
        Put(0, a0, a1);

        void Put(int row, Vector512<float> left, Vector512<float> right)
        {
            left.Store(y + (long)row * columns);
            right.Store(y + (long)row * columns + Lanes);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* a, float* b, float* y, int rows, int inner, int columns, Vector512<float> mask)
    {
        for (var row = 0; row < rows; row += 3)
        {
            int second = Math.Min(row + 1, rows - 1), third = Math.Min(row + 2, rows - 1);
            float* r0 = a + row * (long)inner, r1 = a + second * (long)inner, r2 = a + third * (long)inner, line = b;
            Vector512<float> a0 = default, b0 = default, c0 = default;
            for (var k = 0L; k < inner; k++, line += columns)
            {
                var next = Avx512F.MaskLoad(line, mask, Vector512<float>.Zero);
                (a0, b0, c0) = (Add(r0[k], next, a0), Add(r1[k], next, b0), Add(r2[k], next, c0));
            }
            Avx512F.MaskStore(y + third * (long)columns, mask, c0);
            Avx512F.MaskStore(y + second * (long)columns, mask, b0);
            Avx512F.MaskStore(y + row * (long)columns, mask, a0);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Add(float a, Vector512<float> b, Vector512<float> sum) =>
        Vector512.FusedMultiplyAdd(b, Vector512.Create(a), sum);
}
