using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Caliper.Kernels.Convolution;

/// <summary>Adds up weights. A network has tens of millions of them, all of which are read when it is loaded.</summary>
internal static class WeightSums
{
    // So many differences of up to 255 fit a lane of 32 bits, however few lanes there are.
    private const int MostTogether = 1 << 20;

    /// <summary>The sum of weight less zero point, and that of the differences without their signs.</summary>
    /// <param name="weights">The weights of an output channel.</param>
    /// <param name="zeroPoint">Theirs: that of a signed byte, or of an unsigned one less 128.</param>
    public static (long Sum, long Absolute) Of(ReadOnlySpan<sbyte> weights, int zeroPoint)
    {
        var (sum, absolute) = (0L, 0L);
        for (; weights.Length > 0; weights = weights[Math.Min(weights.Length, MostTogether)..])
        {
            var (part, absolutePart) = Piece(weights[..Math.Min(weights.Length, MostTogether)], zeroPoint);
            (sum, absolute) = (sum + part, absolute + absolutePart);
        }
        return (sum, absolute);
    }

    // Compiled with all optimizations the first time.
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static (long Sum, long Absolute) Piece(ReadOnlySpan<sbyte> weights, int zeroPoint)
    {
        // A zero point beyond 8 bits is one of a damaged file.
        var vectors = zeroPoint is >= -256 and <= 255 ? MemoryMarshal.Cast<sbyte, Vector<sbyte>>(weights) : default;
        var (sums, absolutes, zero) = (Vector<int>.Zero, Vector<int>.Zero, new Vector<short>((short)zeroPoint));
        foreach (var vector in vectors)
        {
            Vector.Widen(vector, out var low, out var high);
            (low, high) = (low - zero, high - zero);
            Vector.Widen(low + high, out var lower, out var upper);
            sums += lower + upper;
            Vector.Widen(Vector.Abs(low) + Vector.Abs(high), out lower, out upper);
            absolutes += lower + upper;
        }
        var (sum, absolute) = ((long)Vector.Sum(sums), (long)Vector.Sum(absolutes));
        foreach (var weight in weights[(vectors.Length * Vector<sbyte>.Count)..])
        {
            sum += (long)weight - zeroPoint;
            absolute += Math.Abs((long)weight - zeroPoint);
        }
        return (sum, absolute);
    }
}
