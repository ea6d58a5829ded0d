using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Glyphs.Layers;

/// <summary>
/// C += A·B. Each element of C is one chain of fused multiply-adds in the order of the depth, whatever the vector width, so
/// results are the same on every machine.
/// </summary>
internal static unsafe class MatrixProduct
{
    private const int TileRows = 4;
    private const int TileColumns = 16;

    /// <summary>
    /// C[i, j] += Σ A[i, k] · B[k, j], with A at <c>a[i·aRow + k·aStep]</c>: a step other than 1 reads A transposed.
    /// </summary>
    public static void Accumulate(
        float* a, int aRow, int aStep, float* b, int bRow, float* c, int cRow, int rows, int columns, int depth)
    {
        var i = 0;
        for (; i + TileRows <= rows; i += TileRows)
        {
            var j = 0;
            for (; j + TileColumns <= columns; j += TileColumns)
                Tile(a + i * aRow, aRow, aStep, b + j, bRow, c + i * cRow + j, cRow, depth);
            for (var row = i; row < i + TileRows && j < columns; row++)
                Row(a + row * aRow, aStep, b, bRow, c + row * cRow, j, columns, depth);
        }
        for (; i < rows; i++) Row(a + i * aRow, aStep, b, bRow, c + i * cRow, 0, columns, depth);
    }

    /// <summary>Four rows of two vectors: eight chains that hide each other's latency.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Tile(float* a, int aRow, int aStep, float* b, int bRow, float* c, int cRow, int depth)
    {
        float* c1 = c + cRow, c2 = c1 + cRow, c3 = c2 + cRow;
        Vector256<float> s00 = Vector256.Load(c), s01 = Vector256.Load(c + 8);
        Vector256<float> s10 = Vector256.Load(c1), s11 = Vector256.Load(c1 + 8);
        Vector256<float> s20 = Vector256.Load(c2), s21 = Vector256.Load(c2 + 8);
        Vector256<float> s30 = Vector256.Load(c3), s31 = Vector256.Load(c3 + 8);
        for (var k = 0; k < depth; k++, a += aStep, b += bRow)
        {
            Vector256<float> b0 = Vector256.Load(b), b1 = Vector256.Load(b + 8);
            var a0 = Vector256.Create(a[0]);
            s00 = Vector256.FusedMultiplyAdd(a0, b0, s00);
            s01 = Vector256.FusedMultiplyAdd(a0, b1, s01);
            var a1 = Vector256.Create(a[aRow]);
            s10 = Vector256.FusedMultiplyAdd(a1, b0, s10);
            s11 = Vector256.FusedMultiplyAdd(a1, b1, s11);
            var a2 = Vector256.Create(a[2 * aRow]);
            s20 = Vector256.FusedMultiplyAdd(a2, b0, s20);
            s21 = Vector256.FusedMultiplyAdd(a2, b1, s21);
            var a3 = Vector256.Create(a[3 * aRow]);
            s30 = Vector256.FusedMultiplyAdd(a3, b0, s30);
            s31 = Vector256.FusedMultiplyAdd(a3, b1, s31);
        }
        s00.Store(c); s01.Store(c + 8);
        s10.Store(c1); s11.Store(c1 + 8);
        s20.Store(c2); s21.Store(c2 + 8);
        s30.Store(c3); s31.Store(c3 + 8);
    }

    /// <summary>What tiles leave: one row, from a column on.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Row(float* a, int aStep, float* b, int bRow, float* c, int column, int columns, int depth)
    {
        for (; column + 8 <= columns; column += 8)
        {
            var sum = Vector256.Load(c + column);
            for (var k = 0; k < depth; k++)
                sum = Vector256.FusedMultiplyAdd(Vector256.Create(a[k * aStep]), Vector256.Load(b + k * bRow + column), sum);
            sum.Store(c + column);
        }
        for (; column < columns; column++)
        {
            var sum = c[column];
            for (var k = 0; k < depth; k++) sum = MathF.FusedMultiplyAdd(a[k * aStep], b[k * bRow + column], sum);
            c[column] = sum;
        }
    }
}
