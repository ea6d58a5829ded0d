using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Dense;

/// <summary>Six rows of sums of products, 32 columns wide, go on where they were: <c>sum = fma(a, b, sum)</c>, one k after the other. So a sum
/// has the same bits whatever computes it, and may be left and taken up between two k.</summary>
/// <param name="rows">Where each row of the left matrix begins.</param>
/// <param name="step">Floats from one k to the next along such a row.</param>
/// <param name="panel">32 floats of the right matrix for each k.</param>
/// <param name="inner">How many k.</param>
/// <param name="sums">Six rows of 32 sums, side by side.</param>
internal unsafe delegate void ProductKernel(float** rows, long step, float* panel, int inner, float* sums);

/// <summary>The innermost part of products of float matrices.</summary>
internal static unsafe class FloatProducts
{
    /// <summary>Rows and columns of sums that are computed at a time.</summary>
    public const int Rows = 6, Columns = 32;

    public static KernelTable<ProductKernel> All { get; } = new("float product",
        new("vector512", KernelSet.Jit, Machine.WithoutAvx512, Wide),
        new("vector", KernelSet.AdvSimd, Machine.WithoutVector128, Narrow),
        new("portable", KernelSet.Portable, Machine.Nothing, Portable));

    // Chosen once: a run allocates nothing.
    private static readonly ProductKernel[] Chosen = [.. Enum.GetValues<KernelSet>().Order().Select(set => All.Choose(set).Run)];

    /// <summary>The kernel of a session.</summary>
    public static ProductKernel For(KernelSet set) => Chosen[(int)set];

    private static void Portable(float** rows, long step, float* panel, int inner, float* sums)
    {
        for (var row = 0; row < Rows; row++)
        {
            for (var k = 0; k < inner; k++)
            {
                var a = rows[row][k * step];
                var y = sums + row * Columns;
                for (var c = 0; c < Columns; c++) y[c] = MathF.FusedMultiplyAdd(a, panel[k * Columns + c], y[c]);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(float** rows, long step, float* panel, int inner, float* sums)
    {
        for (var column = 0; column < Columns; column += 2 * Vector<float>.Count)
        {
            float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5];
            float* b = panel + column, y = sums + column;
            var width = Vector<float>.Count;
            Vector<float> a0 = At(y), a1 = At(y + width), b0 = At(y + Columns), b1 = At(y + Columns + width);
            Vector<float> c0 = At(y + 2 * Columns), c1 = At(y + 2 * Columns + width), d0 = At(y + 3 * Columns), d1 = At(y + 3 * Columns + width);
            Vector<float> e0 = At(y + 4 * Columns), e1 = At(y + 4 * Columns + width), f0 = At(y + 5 * Columns), f1 = At(y + 5 * Columns + width);
            for (var k = 0; k < inner; k++, b += Columns, r0 += step, r1 += step, r2 += step, r3 += step, r4 += step, r5 += step)
            {
                var (left, right) = (At(b), At(b + width));
                (a0, a1) = (Add(*r0, left, a0), Add(*r0, right, a1));
                (b0, b1) = (Add(*r1, left, b0), Add(*r1, right, b1));
                (c0, c1) = (Add(*r2, left, c0), Add(*r2, right, c1));
                (d0, d1) = (Add(*r3, left, d0), Add(*r3, right, d1));
                (e0, e1) = (Add(*r4, left, e0), Add(*r4, right, e1));
                (f0, f1) = (Add(*r5, left, f0), Add(*r5, right, f1));
            }
            Put(y, a0, a1);
            Put(y + Columns, b0, b1);
            Put(y + 2 * Columns, c0, c1);
            Put(y + 3 * Columns, d0, d1);
            Put(y + 4 * Columns, e0, e1);
            Put(y + 5 * Columns, f0, f1);
        }

        static Vector<float> At(float* p) => *(Vector<float>*)p;
        static Vector<float> Add(float a, Vector<float> b, Vector<float> sum) => Vector.FusedMultiplyAdd(new Vector<float>(a), b, sum);
        static void Put(float* p, Vector<float> left, Vector<float> right) =>
            (*(Vector<float>*)p, *(Vector<float>*)(p + Vector<float>.Count)) = (left, right);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(float** rows, long step, float* panel, int inner, float* sums)
    {
        float* r0 = rows[0], r1 = rows[1], r2 = rows[2], r3 = rows[3], r4 = rows[4], r5 = rows[5];
        Vector512<float> a0 = At(0, 0), a1 = At(0, 16), b0 = At(1, 0), b1 = At(1, 16), c0 = At(2, 0), c1 = At(2, 16);
        Vector512<float> d0 = At(3, 0), d1 = At(3, 16), e0 = At(4, 0), e1 = At(4, 16), f0 = At(5, 0), f1 = At(5, 16);
        for (var k = 0; k < inner; k++, panel += Columns, r0 += step, r1 += step, r2 += step, r3 += step, r4 += step, r5 += step)
        {
            var (left, right) = (Vector512.Load(panel), Vector512.Load(panel + 16));
            a0 = Vector512.FusedMultiplyAdd(left, Vector512.Create(*r0), a0);
            a1 = Vector512.FusedMultiplyAdd(right, Vector512.Create(*r0), a1);
            b0 = Vector512.FusedMultiplyAdd(left, Vector512.Create(*r1), b0);
            b1 = Vector512.FusedMultiplyAdd(right, Vector512.Create(*r1), b1);
            c0 = Vector512.FusedMultiplyAdd(left, Vector512.Create(*r2), c0);
            c1 = Vector512.FusedMultiplyAdd(right, Vector512.Create(*r2), c1);
            d0 = Vector512.FusedMultiplyAdd(left, Vector512.Create(*r3), d0);
            d1 = Vector512.FusedMultiplyAdd(right, Vector512.Create(*r3), d1);
            e0 = Vector512.FusedMultiplyAdd(left, Vector512.Create(*r4), e0);
            e1 = Vector512.FusedMultiplyAdd(right, Vector512.Create(*r4), e1);
            f0 = Vector512.FusedMultiplyAdd(left, Vector512.Create(*r5), f0);
            f1 = Vector512.FusedMultiplyAdd(right, Vector512.Create(*r5), f1);
        }
        Put(0, a0, a1);
        Put(1, b0, b1);
        Put(2, c0, c1);
        Put(3, d0, d1);
        Put(4, e0, e1);
        Put(5, f0, f1);

        Vector512<float> At(int row, int column) => Vector512.Load(sums + row * Columns + column);

        void Put(int row, Vector512<float> left, Vector512<float> right)
        {
            left.Store(sums + row * Columns);
            right.Store(sums + row * Columns + 16);
        }
    }
}
