using Caliper.Numerics;

namespace Caliper.Observers.OnnxRuntime;

/// <summary>
/// ONNX Runtime 1.21's percentile calibrator, number for number: a symmetric scheme cuts the largest magnitudes off, any other
/// as many values at each end. There to reproduce its results; <c>RangeMethod.Percentile</c> does not depend on the first batch.
/// </summary>
/// <param name="spec">The arguments, <see cref="ObserverSpec.Bins"/> and <see cref="ObserverSpec.Percentile"/> among them;
/// ONNX Runtime's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class OnnxRuntimePercentileObserver(ObserverSpec? spec = null)
    : OnnxRuntimeObserver(spec ?? ObserverSpec.OnnxRuntimePercentile, ObserverKind.OnnxRuntimePercentile)
{
    private const int MostBins = 1 << 17;

    private protected override OnnxRuntimeHistogram CreateHistogram() => Scheme.IsSymmetric()
        ? new OnnxRuntimeMagnitudeHistogram(Spec.Bins, MostBins)
        : new OnnxRuntimeValueHistogram(Spec.Bins, MostBins);

    private protected override (float Low, float High) Threshold(OnnxRuntimeHistogram histogram)
    {
        if (Scheme.IsSymmetric())
        {
            var end = Quantile(histogram, Spec.Percentile / 100d);
            return (-end, end);
        }
        var cut = (100d - Spec.Percentile) / 200;
        return (Quantile(histogram, cut), Quantile(histogram, 1 - cut));
    }

    /// <summary>The lower end of the first bin up to which at least that share of the values lies.</summary>
    private static float Quantile(OnnxRuntimeHistogram histogram, double share)
    {
        var total = (double)histogram.Counts.Sum();
        var (index, cumulative) = (0, 0d);
        for (; index < histogram.Counts.Length; index++)
        {
            cumulative += histogram.Counts[index] / total;
            if (cumulative >= share) break;
        }
        return histogram.Edges[index];
    }
}
