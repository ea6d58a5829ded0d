using System.Numerics;

namespace Caliper.Kernels.Dense;

/// <summary>CumSum: at each place of an axis the sum of what comes before, one after the other, so that its bits are one's own.</summary>
internal static unsafe class RunningSums
{
    /// <summary>The sums along an axis of <paramref name="length"/>, <paramref name="inner"/> elements apart.</summary>
    /// <param name="outer">Lines that lie one after the other.</param>
    /// <param name="length">Elements of a line.</param>
    /// <param name="inner">How far apart they lie.</param>
    /// <param name="isExclusive">Whether an element is not in its own sum.</param>
    /// <param name="isReverse">Whether sums begin at the end.</param>
    public static DenseKernel Of<T>(int outer, int length, int inner, bool isExclusive, bool isReverse) where T : unmanaged, INumber<T> =>
        new((inputs, output, _) =>
        {
            T* x = (T*)inputs[0], y = (T*)output;
            var (first, step) = isReverse ? ((length - 1L) * inner, -(long)inner) : (0L, inner);
            for (var line = 0L; line < outer; line++, x += (long)length * inner, y += (long)length * inner)
            {
                // A whole row of lines at a time: they lie side by side.
                for (var i = 0; i < inner; i++) y[first + i] = isExclusive ? T.Zero : x[first + i];
                for (var k = 1; k < length; k++)
                {
                    T* last = y + first + (k - 1) * step, next = last + step, added = x + first + (isExclusive ? k - 1 : k) * step;
                    for (var i = 0; i < inner; i++) next[i] = unchecked(last[i] + added[i]);
                }
            }
        }, checked((long)outer * length * inner * sizeof(T)), checked((long)outer * length * inner * sizeof(T)));
}
