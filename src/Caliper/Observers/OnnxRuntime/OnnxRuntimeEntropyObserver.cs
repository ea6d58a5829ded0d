using System.Collections.Immutable;

namespace Caliper.Observers.OnnxRuntime;

/// <summary>
/// ONNX Runtime 1.21's entropy calibrator, number for number, with what is odd in it: quantized counts are cut to integers, zeros
/// count like any value, and the default of 128 bins merged into 128 leaves little to choose. Where a later batch dwarfs the first, its
/// histogram grows without a limit; this one to 65,536 bins, and then merges them. There to reproduce its results;
/// <c>RangeMethod.Entropy</c> is the method without that.
/// </summary>
/// <param name="spec">The arguments, <see cref="OnnxRuntimeEntropySpec.Bins"/> and <see cref="OnnxRuntimeEntropySpec.QuantizedBins"/> among them;
/// ONNX Runtime's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class OnnxRuntimeEntropyObserver(OnnxRuntimeEntropySpec? spec = null) : OnnxRuntimeObserver(spec ?? ObserverSpec.OnnxRuntimeEntropy)
{
    private readonly OnnxRuntimeEntropySpec _spec = spec ?? ObserverSpec.OnnxRuntimeEntropy;

    // The search takes time in proportion to the bins, times those that are not empty.
    private const int MostBins = 1 << 16;

    private protected override OnnxRuntimeHistogram CreateHistogram() => new OnnxRuntimeValueHistogram(_spec.Bins, MostBins);

    private protected override (float Low, float High) Threshold(OnnxRuntimeHistogram histogram)
    {
        var (first, end) = OnnxRuntimeEntropySearch.BestWindow(histogram.Counts, _spec.QuantizedBins);
        return (histogram.Edges[first], histogram.Edges[end]);
    }
}

/// <summary>The arguments of an <see cref="OnnxRuntimeEntropyObserver"/>.</summary>
public sealed record OnnxRuntimeEntropySpec : ObserverSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(OnnxRuntimeEntropyObserver);

    /// <inheritdoc/>
    public override string CommandName => "onnxruntime-entropy";

    /// <summary>ONNX Runtime's <c>num_bins</c>: an even number of at most 2¹³.</summary>
    public int Bins { get; init; } = 128;

    /// <summary>ONNX Runtime's <c>num_quantized_bins</c>: what the bins are merged into; from 2 to <see cref="Bins"/>.</summary>
    public int QuantizedBins { get; init; } = 128;

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
    [
        ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.ReduceRange, ObserverArgument.QuantMin, ObserverArgument.QuantMax,
        ObserverArgument.Integer<OnnxRuntimeEntropySpec>("bins", s => s.Bins, (s, v) => s with { Bins = v }),
        ObserverArgument.Eps,
        ObserverArgument.Integer<OnnxRuntimeEntropySpec>("num_quantized_bins", s => s.QuantizedBins, (s, v) => s with { QuantizedBins = v }),
    ];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new OnnxRuntimeEntropyObserver(this);

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        base.Validate();
        OnnxRuntimeObserver.CheckBins(this, Bins);
        if (QuantizedBins < 2 || QuantizedBins > Bins || Bins > 1 << 13)
            throw Wrong($"num_quantized_bins must be 2 to the number of bins, which must be at most {1 << 13}, not {QuantizedBins} of {Bins}");
    }
}
