using System.Numerics;
using System.Numerics.Tensors;
using System.Runtime.InteropServices;

namespace Caliper.Recovery;

/// <summary>Adds the products of all pairs of some columns to a matrix: the part that collecting moments spends its time in.</summary>
internal static class ProductSums
{
    private const int Tile = 4;

    /// <summary>Numbers of a triangle of so many rows, each filled up to whole tiles.</summary>
    public static int SizeOf(int length) => StartOf(length);

    /// <summary>Where a row of a triangle begins.</summary>
    public static int StartOf(int row) => 2 * (row / Tile) * (row / Tile + 1) * Tile + row % Tile * (row / Tile + 1) * Tile;

    /// <summary>Adds to the lower triangle of a matrix; what comes to stand beyond a row's diagonal has no meaning.</summary>
    /// <param name="columns">The columns, one after another.</param>
    /// <param name="stride">From the beginning of one to that of the next.</param>
    /// <param name="rows">Numbers in each.</param>
    /// <param name="sums">The triangle, row after row, as <see cref="StartOf"/> says.</param>
    /// <param name="length">Number of columns, and of rows of the matrix.</param>
    public static void Add(ReadOnlySpan<float> columns, int stride, int rows, Span<float> sums, int length)
    {
        // Two columns by four at a time: eight sums stay in registers, and a number that is loaded is used two or four times.
        var whole = length / Tile * Tile;
        for (var i = 0; i < whole; i += Tile)
            for (var j = 0; j <= i; j += Tile) AddTile(columns, stride, rows, sums, i, j);
        for (var i = whole; i < length; i++)
        {
            for (var j = 0; j <= i; j++)
                sums[StartOf(i) + j] += TensorPrimitives.Dot(columns.Slice(i * stride, rows), columns.Slice(j * stride, rows));
        }
    }

    private static void AddTile(ReadOnlySpan<float> columns, int stride, int rows, Span<float> sums, int i, int j)
    {
        var vectors = rows / Vector<float>.Count;
        for (var half = 0; half < Tile; half += 2)
        {
            var a0 = Vectors(columns, (i + half) * stride, vectors);
            var a1 = Vectors(columns, (i + half + 1) * stride, vectors);
            var b0 = Vectors(columns, j * stride, vectors);
            var b1 = Vectors(columns, (j + 1) * stride, vectors);
            var b2 = Vectors(columns, (j + 2) * stride, vectors);
            var b3 = Vectors(columns, (j + 3) * stride, vectors);
            Vector<float> s00 = default, s01 = default, s02 = default, s03 = default, s10 = default, s11 = default, s12 = default, s13 = default;
            for (var v = 0; v < a0.Length; v++)
            {
                var (x, y) = (a0[v], a1[v]);
                (s00, s10) = (Vector.FusedMultiplyAdd(x, b0[v], s00), Vector.FusedMultiplyAdd(y, b0[v], s10));
                (s01, s11) = (Vector.FusedMultiplyAdd(x, b1[v], s01), Vector.FusedMultiplyAdd(y, b1[v], s11));
                (s02, s12) = (Vector.FusedMultiplyAdd(x, b2[v], s02), Vector.FusedMultiplyAdd(y, b2[v], s12));
                (s03, s13) = (Vector.FusedMultiplyAdd(x, b3[v], s03), Vector.FusedMultiplyAdd(y, b3[v], s13));
            }
            var first = sums.Slice(StartOf(i + half) + j, Tile);
            var second = sums.Slice(StartOf(i + half + 1) + j, Tile);
            Put(first, Vector.Sum(s00), Vector.Sum(s01), Vector.Sum(s02), Vector.Sum(s03));
            Put(second, Vector.Sum(s10), Vector.Sum(s11), Vector.Sum(s12), Vector.Sum(s13));
        }
        for (var r = vectors * Vector<float>.Count; r < rows; r++)
        {
            for (var a = 0; a < Tile; a++)
                for (var b = 0; b < Tile; b++) sums[StartOf(i + a) + j + b] += columns[(i + a) * stride + r] * columns[(j + b) * stride + r];
        }
    }

    private static ReadOnlySpan<Vector<float>> Vectors(ReadOnlySpan<float> columns, int start, int count) =>
        MemoryMarshal.Cast<float, Vector<float>>(columns[start..])[..count];

    private static void Put(Span<float> sums, float a, float b, float c, float d)
    {
        sums[0] += a;
        sums[1] += b;
        sums[2] += c;
        sums[3] += d;
    }
}
