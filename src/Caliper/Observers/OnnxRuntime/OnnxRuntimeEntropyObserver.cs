namespace Caliper.Observers.OnnxRuntime;

/// <summary>
/// ONNX Runtime 1.21's entropy calibrator, number for number, with what is odd in it: quantized counts are cut to integers, zeros
/// count like any value, and the default of 128 bins merged into 128 leaves little to choose. There to reproduce its results;
/// <c>RangeMethod.Entropy</c> is the method without that.
/// </summary>
/// <param name="spec">The arguments, <see cref="ObserverSpec.Bins"/> and <see cref="ObserverSpec.QuantizedBins"/> among them;
/// ONNX Runtime's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class OnnxRuntimeEntropyObserver(ObserverSpec? spec = null)
    : OnnxRuntimeObserver(spec ?? ObserverSpec.OnnxRuntimeEntropy, ObserverKind.OnnxRuntimeEntropy)
{
    // The search takes time in proportion to the square.
    private const int MostBins = 1 << 13;

    private protected override OnnxRuntimeHistogram CreateHistogram() => new OnnxRuntimeValueHistogram(Spec.Bins, MostBins);

    private protected override (float Low, float High) Threshold(OnnxRuntimeHistogram histogram)
    {
        var (first, end) = OnnxRuntimeEntropySearch.BestWindow(histogram.Counts, Spec.QuantizedBins);
        return (histogram.Edges[first], histogram.Edges[end]);
    }
}
