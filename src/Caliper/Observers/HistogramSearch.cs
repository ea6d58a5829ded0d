using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>
/// PyTorch's greedy search for the range with the least squared error: drop the end that holds the most bins within the
/// next 0.001 % of the values, as long as the error does not grow. After Caffe2's <c>norm_minimization.cc</c>.
/// </summary>
internal static class HistogramSearch
{
    private const double QuantileStep = 1e-5;

    /// <summary>The range to quantize.</summary>
    /// <param name="counts">Values in equal bins from <paramref name="min"/> to <paramref name="max"/>.</param>
    /// <param name="min">The observed minimum.</param>
    /// <param name="max">The observed maximum.</param>
    /// <param name="levels">Steps that the range is cut into; PyTorch takes 256 for 8 bits even where fewer are used.</param>
    public static RealRange BestRange(ReadOnlySpan<float> counts, float min, float max, int levels)
    {
        if (min == max) return (min, max);
        var (first, last) = BestWindow(counts, ((double)max - min) / counts.Length, levels);
        var width = (max - min) / counts.Length;
        if (float.IsFinite(width)) return (min + width * first, min + width * (last + 1));
        var wideWidth = ((double)max - min) / counts.Length;
        return ((float)(min + wideWidth * first), (float)Math.Min(min + wideWidth * (last + 1), max));
    }

    private static (int First, int Last) BestWindow(ReadOnlySpan<float> counts, double binWidth, int levels)
    {
        var cumulative = new float[counts.Length];
        var sum = 0d;
        for (var i = 0; i < counts.Length; i++) cumulative[i] = (float)(sum += counts[i]);
        var total = (double)(float)sum;
        var error = new HistogramError(binWidth, levels);

        var (first, last) = (0, counts.Length - 1);
        var (alpha, beta) = (0d, 1d);
        var least = float.PositiveInfinity;
        while (alpha < beta)
        {
            var (nextAlpha, nextBeta) = (alpha + QuantileStep, beta - QuantileStep);
            var (lowMass, highMass) = ((float)(nextAlpha * total), (float)(nextBeta * total));
            var (left, right) = (first, last);
            while (left < last && cumulative[left] < lowMass) left++;
            while (right > first && cumulative[right] > highMass) right--;
            var (nextFirst, nextLast) = (first, last);
            if (left - first > last - right) (nextFirst, alpha) = (left, nextAlpha);
            else (nextLast, beta) = (right, nextBeta);
            if (nextFirst == first && nextLast == last) continue;

            var candidate = error.Of(counts, nextFirst, nextLast);
            if (candidate > least) break;
            (least, first, last) = (candidate, nextFirst, nextLast);
        }
        return (first, last);
    }
}
