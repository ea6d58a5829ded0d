using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Dense;

/// <summary>Computes a tile: <c>sum = fma(a, b, sum)</c>, one k after the other and one tap after the other, from where the sums begin. So a
/// sum has the same bits whatever computes it, and may be left and taken up between two k.</summary>
internal unsafe delegate void ProductKernel(ProductTile* tile);

/// <summary>The innermost part of products of float matrices.</summary>
internal static unsafe class FloatProducts
{
    /// <summary>Rows and columns of sums that are computed at a time.</summary>
    public const int Rows = 6, Columns = 32;

    /// <summary>Columns of a tile that is half as wide.</summary>
    public const int HalfColumns = Columns / 2;

    public static KernelTable<ProductKernel> All { get; } = new("float product",
        new("vector512", KernelSet.Assembled, Machine.WithoutAvx512, Wide),
        new("vector", KernelSet.AdvSimd, Machine.WithoutVector128, Narrow),
        new("portable", KernelSet.Portable, Machine.Nothing, Portable));

    // Chosen once: a run allocates nothing.
    private static readonly ProductKernel[] Chosen = [.. Enum.GetValues<KernelSet>().Order().Select(set => All.Choose(set).Run)];

    /// <summary>The kernel of a session.</summary>
    public static ProductKernel For(KernelSet set) => Chosen[(int)set];

    private static void Portable(ProductTile* tile)
    {
        var columns = tile->IsHalf ? HalfColumns : Columns;
        var sums = stackalloc float[Columns];
        for (var row = 0; row < tile->Count; row++)
        {
            new ReadOnlySpan<float>(tile->Start + row * tile->StartStep, columns).CopyTo(new Span<float>(sums, columns));
            var panel = tile->Panel;
            for (var tap = 0; tap < tile->Taps; tap++)
            {
                var from = tile->At(tap, row);
                for (var k = 0; k < tile->Inner; k++, panel += Columns)
                    for (var c = 0; c < columns; c++) sums[c] = MathF.FusedMultiplyAdd(from[k * tile->Step], panel[c], sums[c]);
            }
            for (var c = 0; c < columns; c++) tile->OutputAt(row)[c] = tile->Bounds.Of(new OneLane(sums[c])).Value;
        }
    }

    private static void Narrow(ProductTile* tile)
    {
        var (columns, width) = (tile->IsHalf ? HalfColumns : Columns, 2 * Vector<float>.Count);
        if (width > columns) Portable(tile);
        else for (var column = 0; column < columns; column += width) Narrow(tile, column);
    }

    /// <summary>Two vectors of columns.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(ProductTile* tile, int column)
    {
        var (width, next, step) = (Vector<float>.Count, tile->StartStep, tile->Step);
        float* b = tile->Panel + column, y = tile->Start + column;
        Vector<float> a0 = At(y), a1 = At(y + width), b0 = At(y + next), b1 = At(y + next + width);
        Vector<float> c0 = At(y + 2 * next), c1 = At(y + 2 * next + width), d0 = At(y + 3 * next), d1 = At(y + 3 * next + width);
        Vector<float> e0 = At(y + 4 * next), e1 = At(y + 4 * next + width), f0 = At(y + 5 * next), f1 = At(y + 5 * next + width);
        for (var tap = 0; tap < tile->Taps; tap++)
        {
            float* r0 = tile->At(tap, 0), r1 = tile->At(tap, 1), r2 = tile->At(tap, 2);
            float* r3 = tile->At(tap, 3), r4 = tile->At(tap, 4), r5 = tile->At(tap, 5);
            var k = 0L;
            for (var left = tile->Inner; left > 0; left--, b += Columns, k += step)
            {
                var (first, second) = (At(b), At(b + width));
                (a0, a1) = (Add(r0[k], first, a0), Add(r0[k], second, a1));
                (b0, b1) = (Add(r1[k], first, b0), Add(r1[k], second, b1));
                (c0, c1) = (Add(r2[k], first, c0), Add(r2[k], second, c1));
                (d0, d1) = (Add(r3[k], first, d0), Add(r3[k], second, d1));
                (e0, e1) = (Add(r4[k], first, e0), Add(r4[k], second, e1));
                (f0, f1) = (Add(r5[k], first, f0), Add(r5[k], second, f1));
            }
        }
        Put(tile, 0, column, a0, a1);
        Put(tile, 1, column, b0, b1);
        Put(tile, 2, column, c0, c1);
        Put(tile, 3, column, d0, d1);
        Put(tile, 4, column, e0, e1);
        Put(tile, 5, column, f0, f1);

        static Vector<float> At(float* p) => *(Vector<float>*)p;
        static Vector<float> Add(float a, Vector<float> b, Vector<float> sum) => Vector.FusedMultiplyAdd(new Vector<float>(a), b, sum);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ProductTile* tile, int row, int column, Vector<float> left, Vector<float> right)
    {
        NativeLanes.Store(tile->Bounds.Of(new NativeLanes(left)), tile->OutputAt(row) + column);
        NativeLanes.Store(tile->Bounds.Of(new NativeLanes(right)), tile->OutputAt(row) + column + Vector<float>.Count);
    }

    private static void Wide(ProductTile* tile)
    {
        if (tile->IsHalf) WideHalf(tile);
        else WideWhole(tile);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideWhole(ProductTile* tile)
    {
        var panel = tile->Panel;
        var step = tile->Step;
        Vector512<float> a0 = At(0, 0), a1 = At(0, 16), b0 = At(1, 0), b1 = At(1, 16), c0 = At(2, 0), c1 = At(2, 16);
        Vector512<float> d0 = At(3, 0), d1 = At(3, 16), e0 = At(4, 0), e1 = At(4, 16), f0 = At(5, 0), f1 = At(5, 16);
        for (var tap = 0; tap < tile->Taps; tap++)
        {
            float* r0 = tile->At(tap, 0), r1 = tile->At(tap, 1), r2 = tile->At(tap, 2);
            float* r3 = tile->At(tap, 3), r4 = tile->At(tap, 4), r5 = tile->At(tap, 5);
            var k = 0L;
            for (var left = tile->Inner; left > 0; left--, panel += Columns, k += step)
            {
                var (first, second) = (Vector512.Load(panel), Vector512.Load(panel + 16));
                (a0, a1) = (Add(r0[k], first, a0), Add(r0[k], second, a1));
                (b0, b1) = (Add(r1[k], first, b0), Add(r1[k], second, b1));
                (c0, c1) = (Add(r2[k], first, c0), Add(r2[k], second, c1));
                (d0, d1) = (Add(r3[k], first, d0), Add(r3[k], second, d1));
                (e0, e1) = (Add(r4[k], first, e0), Add(r4[k], second, e1));
                (f0, f1) = (Add(r5[k], first, f0), Add(r5[k], second, f1));
            }
        }
        Put(tile, 0, a0, a1);
        Put(tile, 1, b0, b1);
        Put(tile, 2, c0, c1);
        Put(tile, 3, d0, d1);
        Put(tile, 4, e0, e1);
        Put(tile, 5, f0, f1);

        Vector512<float> At(int row, int column) => Vector512.Load(tile->Start + row * tile->StartStep + column);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Put(ProductTile* tile, int row, Vector512<float> left, Vector512<float> right)
    {
        var (areBound, to) = (tile->Bounds.Are, (nint)tile->OutputAt(row));
        (areBound ? tile->Bounds.Of(left) : left).Store((float*)to);
        (areBound ? tile->Bounds.Of(right) : right).Store((float*)to + 16);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideHalf(ProductTile* tile)
    {
        var panel = tile->Panel;
        var step = tile->Step;
        Vector512<float> a = At(0), b = At(1), c = At(2), d = At(3), e = At(4), f = At(5);
        for (var tap = 0; tap < tile->Taps; tap++)
        {
            float* r0 = tile->At(tap, 0), r1 = tile->At(tap, 1), r2 = tile->At(tap, 2);
            float* r3 = tile->At(tap, 3), r4 = tile->At(tap, 4), r5 = tile->At(tap, 5);
            var k = 0L;
            for (var left = tile->Inner; left > 0; left--, panel += Columns, k += step)
            {
                var first = Vector512.Load(panel);
                (a, b, c) = (Add(r0[k], first, a), Add(r1[k], first, b), Add(r2[k], first, c));
                (d, e, f) = (Add(r3[k], first, d), Add(r4[k], first, e), Add(r5[k], first, f));
            }
        }
        Put(0, a);
        Put(1, b);
        Put(2, c);
        Put(3, d);
        Put(4, e);
        Put(5, f);

        Vector512<float> At(int row) => Vector512.Load(tile->Start + row * tile->StartStep);
        void Put(int row, Vector512<float> sums) => (tile->Bounds.Are ? tile->Bounds.Of(sums) : sums).Store(tile->OutputAt(row));
    }

    private static Vector512<float> Add(float a, Vector512<float> b, Vector512<float> sum) =>
        Vector512.FusedMultiplyAdd(Vector512.Create(a), b, sum);
}
