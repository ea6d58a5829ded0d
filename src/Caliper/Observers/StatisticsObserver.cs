using System.Collections.Immutable;
using System.Globalization;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>
/// Keeps a tensor's statistics, which do not depend on the order or the size of batches, and chooses the range by
/// <see cref="StatisticsSpec.Method"/> when asked: the method can be changed without looking at the data again.
/// </summary>
public sealed class StatisticsObserver : Observer
{
    /// <summary>A scan is large and empty between tensors, so that the observers of a thread can share one.</summary>
    [ThreadStatic]
    private static SampleScan? _scan;

    private readonly RangeMethod _method;
    private long _arrived;
    private QuantizationParameters? _parameters;

    /// <summary>Creates an observer that has seen nothing.</summary>
    /// <param name="spec">The arguments; the defaults where null.</param>
    /// <exception cref="CaliperException">The arguments do not go together.</exception>
    public StatisticsObserver(StatisticsSpec? spec = null) : base(spec ??= new StatisticsSpec()) => _method = spec.Method;

    /// <summary>What was observed.</summary>
    public TensorStatistics Statistics { get; private set; } = new();

    /// <inheritdoc/>
    public override bool HasObserved => Statistics.Count > 0;

    /// <inheritdoc/>
    public override ImmutableArray<float> Mins => HasObserved ? [Statistics.Min] : [];

    /// <inheritdoc/>
    public override ImmutableArray<float> Maxs => HasObserved ? [Statistics.Max] : [];

    /// <inheritdoc/>
    public override QuantizationParameters CalculateQParams()
    {
        if (!HasObserved) throw NothingObserved();
        if (_parameters is not null) return _parameters;
        var (min, max) = _method.Choose(Statistics, Type, Scheme.IsSymmetric());
        return _parameters = Spec.Rule.Calculate((min, max));
    }

    /// <summary>Goes over to statistics that were collected elsewhere.</summary>
    protected internal override bool TryLoad(TensorStatistics statistics, IReadOnlyList<RealRange>? batches)
    {
        Reset();
        Statistics = statistics;
        CountSkipped(new NonFinite
        {
            NaN = statistics.NaNCount,
            PositiveInfinity = statistics.PositiveInfinityCount,
            NegativeInfinity = statistics.NegativeInfinityCount,
        });
        return true;
    }

    /// <inheritdoc/>
    protected override void Update(ReadOnlySpan<float> values, Shape shape)
    {
        _parameters = null;
        var scan = _scan ??= new SampleScan();
        var (samples, elements) = SampleCut.Of(shape, values.Length, Samples);
        // Channels whose number changes are not told apart.
        var layout = ChannelLayout.Of(shape, ChannelLayout.AxisOf(shape.Rank), elements);
        if (Statistics.Count > 0 && Statistics.ChannelCount != layout.Channels)
        {
            Statistics = Statistics.WithoutChannels();
            layout = new ChannelLayout(1, 1, elements);
        }
        for (var i = 0; i < samples; i++)
        {
            Statistics.Observe(scan, values.Slice(i * elements, elements), layout, string.Create(CultureInfo.InvariantCulture, $"#{_arrived++}"));
            CountSkipped(scan.Skipped);
        }
    }

    /// <inheritdoc/>
    protected override void Clear() => (Statistics, _arrived, _parameters) = (new TensorStatistics(), 0, null);

    /// <inheritdoc/>
    protected override string Describe()
    {
        if (!HasObserved) return $"method={_method}, min_val=inf, max_val=-inf";
        var parameters = CalculateQParams();
        return $"method={_method}, min_val={ObserverText.Number(Statistics.Min)}, max_val={ObserverText.Number(Statistics.Max)}, "
            + $"scale={ObserverText.Number(parameters.Scale)}, "
            + $"zero_point={parameters.ZeroPoint.ToString(CultureInfo.InvariantCulture)}";
    }
}

/// <summary>The arguments of a <see cref="StatisticsObserver"/>.</summary>
public sealed record StatisticsSpec : ObserverSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(StatisticsObserver);

    /// <summary>Users name the method, not the observer.</summary>
    public override string? CommandName => null;

    /// <summary>How the range is chosen.</summary>
    public RangeMethod Method { get; init; } = RangeMethod.Mse;

    /// <inheritdoc/>
    public override RangeMethod UsedMethod => Method;

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
        [.. base.Arguments, ObserverArgument.Method<StatisticsSpec>("method", s => s.Method, (s, v) => s with { Method = v })];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new StatisticsObserver(this);

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        base.Validate();
        ObserverRules.RefuseInt32(this);
    }
}
