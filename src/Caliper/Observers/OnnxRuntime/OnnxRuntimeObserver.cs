using System.Collections.Immutable;
using System.Globalization;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Observers.OnnxRuntime;

/// <summary>
/// What the observers that reproduce ONNX Runtime's calibrators share. Their results depend on the order and the sizes of the
/// batches; the range methods of <c>Caliper.Calibration.Ranges</c> do not.
/// </summary>
public abstract class OnnxRuntimeObserver : Observer
{
    private FiniteRange _range = new();
    private OnnxRuntimeHistogram? _histogram;
    private QuantizationParameters? _parameters;

    private protected OnnxRuntimeObserver(ObserverSpec spec) : base(spec) { }

    /// <summary>Refuses numbers of bins that cannot be halved, or that would outgrow memory.</summary>
    internal static void CheckBins(ObserverSpec spec, int bins)
    {
        if (bins % 2 != 0 || bins > 1 << 16) throw spec.Wrong($"bins must be an even number of at most {1 << 16}, not {bins}");
        ObserverRules.CheckBins(spec, bins);
    }

    /// <inheritdoc/>
    public override bool HasObserved => !_range.IsEmpty;

    /// <inheritdoc/>
    public override ImmutableArray<float> Mins => HasObserved ? [_range.Min] : [];

    /// <inheritdoc/>
    public override ImmutableArray<float> Maxs => HasObserved ? [_range.Max] : [];

    /// <summary>The range that ONNX Runtime's calibrator computes.</summary>
    /// <exception cref="CaliperException">Nothing was observed.</exception>
    public (float Low, float High) CalculateRange()
    {
        if (_histogram is null) throw NothingObserved();
        var (low, high) = Threshold(_histogram);
        return (MathF.Max(low, _range.Min), MathF.Min(high, _range.Max));
    }

    /// <inheritdoc/>
    public override QuantizationParameters CalculateQParams()
    {
        if (_parameters is not null) return _parameters;
        var (low, high) = CalculateRange();
        return _parameters = Spec.Rule.Calculate((low, high));
    }

    private protected abstract OnnxRuntimeHistogram CreateHistogram();

    private protected abstract (float Low, float High) Threshold(OnnxRuntimeHistogram histogram);

    /// <inheritdoc/>
    protected sealed override void Update(ReadOnlySpan<float> values, Shape shape)
    {
        var batch = FiniteRange.Of(values);
        CountSkipped(batch.Skipped);
        if (batch.IsEmpty) return;
        if (batch.Skipped.Count > 0) values = Array.FindAll(values.ToArray(), float.IsFinite);
        _parameters = null;
        _range.Add(batch);
        (_histogram ??= CreateHistogram()).Add(values, batch.Min, batch.Max);
    }

    /// <inheritdoc/>
    protected sealed override void Clear() => (_range, _histogram, _parameters) = (new FiniteRange(), null, null);

    /// <inheritdoc/>
    protected sealed override string Describe()
    {
        if (!HasObserved) return "min_val=inf, max_val=-inf";
        var parameters = CalculateQParams();
        return $"min_val={ObserverText.Number(_range.Min)}, max_val={ObserverText.Number(_range.Max)}, "
            + $"scale={ObserverText.Number(parameters.Scale)}, "
            + $"zero_point={parameters.ZeroPoint.ToString(CultureInfo.InvariantCulture)}";
    }
}
