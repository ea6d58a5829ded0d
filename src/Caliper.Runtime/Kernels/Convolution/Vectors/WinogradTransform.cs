using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>
/// F(2×2, 3×3) of Winograd, in integers: <c>4·y = Aᵀ[(G g Gᵀ) ⊙ (Bᵀ d B)]A</c> for 2×2 outputs y of a window d of 4×4 inputs and 3×3
/// weights g, with
/// <code>
///      | 1  0 -1  0 |        | 1  0  0 |
/// Bᵀ = | 0  1  1  0 |    G = | 1  1  1 |    Aᵀ = | 2  1  1  0 |
///      | 0 -1  1  0 |        | 1 -1  1 |         | 0  1 -1 -2 |
///      | 0  1  0 -1 |        | 0  0  1 |
/// </code>
/// The middle rows of G are twice what they mostly are, so that nothing is divided but the result, and that by 4 without a remainder. Inputs
/// become at most 4·255, weights 9·128: words, whose products are summed in 32 bits. What wraps there comes right, as long as 4·y fits.
/// </summary>
internal static unsafe class WinogradTransform
{
    /// <summary>Products of a tile of 2×2 outputs, in place of 36.</summary>
    public const int Products = 16;

    /// <summary>Rows and columns of outputs of a tile.</summary>
    public const int Outputs = 2;

    /// <summary>Channels whose inputs are transformed together.</summary>
    public const int InputsTogether = 16;

    /// <summary>Transforms 3×3 weights.</summary>
    public static void OfWeights(ReadOnlySpan<sbyte> weights, int distance, Span<short> products)
    {
        Span<int> rows = stackalloc int[12];
        for (var column = 0; column < 3; column++)
        {
            var (g0, g1, g2) = (weights[column * distance], weights[(3 + column) * distance], weights[(6 + column) * distance]);
            (rows[column], rows[3 + column], rows[6 + column], rows[9 + column]) = (g0, g0 + g1 + g2, g0 - g1 + g2, g2);
        }
        for (var row = 0; row < 4; row++)
        {
            var (g0, g1, g2) = (rows[3 * row], rows[3 * row + 1], rows[3 * row + 2]);
            var to = products.Slice(4 * row, 4);
            (to[0], to[1], to[2], to[3]) = ((short)g0, (short)(g0 + g1 + g2), (short)(g0 - g1 + g2), (short)g2);
        }
    }

    /// <summary>Transforms the inputs of a tile, sixteen channels of 4×4 pixels.</summary>
    /// <param name="rows">The first pixel of each row.</param>
    /// <param name="columns">Bytes from a row's first pixel to each pixel.</param>
    /// <param name="products">Receives words: the first product's.</param>
    /// <param name="distance">Words from product to product.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void OfInputs(byte** rows, long* columns, short* products, nint distance)
    {
        for (var column = 0; column < 4; column++)
        {
            var at = columns[column];
            Vector256<short> d0 = Avx2.ConvertToVector256Int16(rows[0] + at), d1 = Avx2.ConvertToVector256Int16(rows[1] + at);
            Vector256<short> d2 = Avx2.ConvertToVector256Int16(rows[2] + at), d3 = Avx2.ConvertToVector256Int16(rows[3] + at);
            Store(d0 - d2, d1 + d2, d2 - d1, d1 - d3, products + column * distance, 4 * distance);
        }
        for (var row = 0; row < 4; row++, products += 4 * distance)
        {
            Vector256<short> d0 = Vector256.Load(products), d1 = Vector256.Load(products + distance);
            Vector256<short> d2 = Vector256.Load(products + 2 * distance), d3 = Vector256.Load(products + 3 * distance);
            Store(d0 - d2, d1 + d2, d2 - d1, d1 - d3, products, distance);
        }
    }

    /// <summary>The sums of a tile of outputs, eight channels.</summary>
    /// <param name="products">Summed products.</param>
    /// <param name="distance">Sums from product to product.</param>
    /// <param name="bias">What is added to the sums.</param>
    /// <param name="sums">Receives the first row.</param>
    /// <param name="pixel">Sums from pixel to pixel.</param>
    /// <param name="row">Sums from row to row.</param>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void ToOutputs(int* products, nint distance, Vector256<int> bias, int* sums, nint pixel, nint row)
    {
        Rows(products, distance, out var a0, out var b0);
        Rows(products + distance, distance, out var a1, out var b1);
        Rows(products + 2 * distance, distance, out var a2, out var b2);
        Rows(products + 3 * distance, distance, out var a3, out var b3);
        (bias + (a0 + a0 + a1 + a2 >> 2)).Store(sums);
        (bias + (a1 - a2 - a3 - a3 >> 2)).Store(sums + pixel);
        (bias + (b0 + b0 + b1 + b2 >> 2)).Store(sums + row);
        (bias + (b1 - b2 - b3 - b3 >> 2)).Store(sums + row + pixel);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Rows(int* products, nint distance, out Vector256<int> first, out Vector256<int> second)
    {
        Vector256<int> m0 = Vector256.Load(products), m1 = Vector256.Load(products + 4 * distance);
        Vector256<int> m2 = Vector256.Load(products + 8 * distance), m3 = Vector256.Load(products + 12 * distance);
        (first, second) = (m0 + m0 + m1 + m2, m1 - m2 - m3 - m3);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> a, Vector256<short> b, Vector256<short> c, Vector256<short> d, short* to, nint distance)
    {
        a.Store(to);
        b.Store(to + distance);
        c.Store(to + 2 * distance);
        d.Store(to + 3 * distance);
    }
}
