using System.Collections.Immutable;
using System.Globalization;
using System.Numerics.Tensors;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>
/// Counts values in equal bins and searches for the range whose quantization loses least, so that a few outliers do not
/// coarsen everything else. PyTorch 2.6's class of the same name, number for number, except where that one is in error:
/// ranges around 1e30 do not overflow, and a history of one single value keeps its weight. Memory is fixed by the number
/// of bins.
/// </summary>
public sealed class HistogramObserver : Observer
{
    private readonly float[] _counts;
    private readonly float[] _batchCounts;
    private FiniteRange _range = new();
    private QuantizationParameters? _parameters;

    /// <summary>Creates an observer that has seen nothing.</summary>
    /// <param name="spec">The arguments; PyTorch's defaults where null.</param>
    /// <exception cref="CaliperException">The arguments do not go together.</exception>
    public HistogramObserver(HistogramSpec? spec = null) : base(spec ??= ObserverSpec.Histogram)
    {
        _counts = new float[spec.Bins];
        _batchCounts = new float[spec.Bins];
    }

    /// <inheritdoc/>
    public override bool HasObserved => !_range.IsEmpty;

    /// <inheritdoc/>
    public override ImmutableArray<float> Mins => HasObserved ? [_range.Min] : [];

    /// <inheritdoc/>
    public override ImmutableArray<float> Maxs => HasObserved ? [_range.Max] : [];

    /// <summary>Values counted in each of the equal bins from the observed minimum to the observed maximum. A bin may hold a
    /// fraction after the range has widened.</summary>
    public ReadOnlySpan<float> Counts => _counts;

    /// <inheritdoc/>
    public override QuantizationParameters CalculateQParams()
    {
        if (!HasObserved) throw NothingObserved();
        if (_parameters is null)
        {
            var (min, max) = HistogramSearch.BestRange(_counts, _range.Min, _range.Max, 1 << Type.Bits);
            _parameters = Spec.Rule.Calculate((min, max));
        }
        return _parameters;
    }

    /// <inheritdoc/>
    protected override void Update(ReadOnlySpan<float> values, Shape shape)
    {
        var batch = FiniteRange.Of(values);
        CountSkipped(batch.Skipped);
        if (batch.IsEmpty) return;
        _parameters = null;
        var before = _range;
        _range.Add(batch);
        HistogramBinning.Count(values, _range.Min, _range.Max, _batchCounts, allFinite: batch.Skipped.Count == 0);
        if (!before.IsEmpty && (_range.Min != before.Min || _range.Max != before.Max))
            HistogramRescale.Widen(_counts, before, _range);
        TensorPrimitives.Add(_counts, _batchCounts, _counts);
    }

    /// <inheritdoc/>
    protected override void Clear()
    {
        _counts.AsSpan().Clear();
        _range = new FiniteRange();
        _parameters = null;
    }

    /// <inheritdoc/>
    protected override string Describe()
    {
        if (!HasObserved) return "min_val=inf, max_val=-inf";
        var parameters = CalculateQParams();
        return $"min_val={ObserverText.Number(_range.Min)}, max_val={ObserverText.Number(_range.Max)}, "
            + $"scale={ObserverText.Number(parameters.Scale)}, "
            + $"zero_point={parameters.ZeroPoint.ToString(CultureInfo.InvariantCulture)}";
    }
}

/// <summary>The arguments of a <see cref="HistogramObserver"/>.</summary>
public sealed record HistogramSpec : ObserverSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(HistogramObserver);

    /// <inheritdoc/>
    public override string CommandName => "histogram";

    /// <summary>PyTorch's <c>bins</c>: how many equal bins are counted in, 2 to 2²⁰.</summary>
    public int Bins { get; init; } = 2048;

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
    [
        ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.ReduceRange, ObserverArgument.QuantMin, ObserverArgument.QuantMax,
        ObserverArgument.Integer<HistogramSpec>("bins", s => s.Bins, (s, v) => s with { Bins = v }),
        ObserverArgument.Eps,
    ];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new HistogramObserver(this);

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        base.Validate();
        ObserverRules.RefuseInt32(this);
        ObserverRules.CheckBins(this, Bins);
    }
}
