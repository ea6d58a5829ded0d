using System.Collections.Immutable;
using Caliper.Numerics;

namespace Caliper.Observers.OnnxRuntime;

/// <summary>
/// ONNX Runtime 1.21's percentile calibrator, number for number: a symmetric scheme cuts the largest magnitudes off, any other
/// as many values at each end. There to reproduce its results; <c>RangeMethod.Percentile</c> does not depend on the first batch.
/// </summary>
/// <param name="spec">The arguments, <see cref="OnnxRuntimePercentileSpec.Bins"/> and <see cref="OnnxRuntimePercentileSpec.Percentile"/> among them;
/// ONNX Runtime's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class OnnxRuntimePercentileObserver(OnnxRuntimePercentileSpec? spec = null)
    : OnnxRuntimeObserver(spec ?? ObserverSpec.OnnxRuntimePercentile)
{
    private readonly OnnxRuntimePercentileSpec _spec = spec ?? ObserverSpec.OnnxRuntimePercentile;

    private const int MostBins = 1 << 17;

    private protected override OnnxRuntimeHistogram CreateHistogram() => Scheme.IsSymmetric()
        ? new OnnxRuntimeMagnitudeHistogram(_spec.Bins, MostBins)
        : new OnnxRuntimeValueHistogram(_spec.Bins, MostBins);

    private protected override (float Low, float High) Threshold(OnnxRuntimeHistogram histogram)
    {
        if (Scheme.IsSymmetric())
        {
            var end = Quantile(histogram, _spec.Percentile / 100d);
            return (-end, end);
        }
        var cut = (100d - _spec.Percentile) / 200;
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

/// <summary>The arguments of an <see cref="OnnxRuntimePercentileObserver"/>.</summary>
public sealed record OnnxRuntimePercentileSpec : ObserverSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(OnnxRuntimePercentileObserver);

    /// <inheritdoc/>
    public override string CommandName => "onnxruntime-percentile";

    /// <summary>ONNX Runtime's <c>num_bins</c>: an even number of at most 2¹⁶.</summary>
    public int Bins { get; init; } = 2048;

    /// <summary>ONNX Runtime's <c>percentile</c>: the share of the values that are kept, in percent; above 0 and at most 100.</summary>
    public double Percentile { get; init; } = 99.999;

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
    [
        ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.ReduceRange, ObserverArgument.QuantMin, ObserverArgument.QuantMax,
        ObserverArgument.Integer<OnnxRuntimePercentileSpec>("bins", s => s.Bins, (s, v) => s with { Bins = v }),
        ObserverArgument.Eps,
        ObserverArgument.Double<OnnxRuntimePercentileSpec>("percentile", s => s.Percentile, (s, v) => s with { Percentile = v }),
    ];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new OnnxRuntimePercentileObserver(this);

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        base.Validate();
        if (!(Percentile is > 0 and <= 100)) throw Wrong($"percentile must be above 0 and at most 100, not {Percentile}");
        OnnxRuntimeObserver.CheckBins(this, Bins);
    }
}
