using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>What observers of a minimum and a maximum share: one pair for the tensor, or one for each channel.</summary>
public abstract class RangeObserver : Observer
{
    private float[] _mins = [];
    private float[] _maxs = [];
    private float[] _batchMins = [];
    private float[] _batchMaxs = [];
    private int? _axis;

    /// <summary>Creates an observer that has seen nothing.</summary>
    /// <param name="spec">Which observer, with which arguments.</param>
    /// <exception cref="CaliperException">The arguments do not go together.</exception>
    protected RangeObserver(ObserverSpec spec) : base(spec) { }

    /// <inheritdoc/>
    public override bool HasObserved
    {
        get
        {
            for (var i = 0; i < _mins.Length; i++) if (_mins[i] <= _maxs[i]) return true;
            return false;
        }
    }

    /// <inheritdoc/>
    public override ImmutableArray<float> Mins => HasObserved ? [.. _mins.Select(Known)] : [];

    /// <inheritdoc/>
    public override ImmutableArray<float> Maxs => HasObserved ? [.. _maxs.Select(Known)] : [];

    /// <inheritdoc/>
    public override QuantizationParameters CalculateQParams() =>
        HasObserved ? Spec.Rule.Calculate(Mins.AsSpan(), Maxs.AsSpan(), _axis) : throw NothingObserved();

    /// <summary>Takes in the range of a batch that was observed elsewhere.</summary>
    protected void Load(RealRange range)
    {
        if (_mins.Length == 0) Begin(1, Shape.Scalar);
        if (HasObserved) Merge(ref _mins[0], ref _maxs[0], range.Min, range.Max);
        else (_mins[0], _maxs[0]) = (range.Min, range.Max);
    }

    /// <summary>Takes the range of one more batch into the range so far, which holds at least one value.</summary>
    protected abstract void Merge(ref float min, ref float max, float batchMin, float batchMax);

    /// <summary>One step of a moving average. Each operation rounds to float32 as PyTorch's do, without fused multiply-add;
    /// only where the distance exceeds the greatest float, which is infinite in PyTorch, it is taken in double.</summary>
    protected static float MoveToward(float average, float value, float share)
    {
        var distance = value - average;
        return float.IsFinite(distance) ? average + share * distance : (float)(average + share * ((double)value - average));
    }

    /// <inheritdoc/>
    protected sealed override void Update(ReadOnlySpan<float> values, Shape shape)
    {
        int? axis = Spec.IsPerChannel ? ChannelRanges.Axis(Spec.ChannelAxis, shape, GetType().Name) : null;
        var channels = axis is { } along ? checked((int)shape[along].Length) : 1;
        if (_mins.Length != channels) Begin(channels, shape);
        _axis = axis;
        ScanBatch(values, shape);
        for (var i = 0; i < channels; i++)
        {
            if (!(_batchMins[i] <= _batchMaxs[i])) continue;
            if (_mins[i] <= _maxs[i]) Merge(ref _mins[i], ref _maxs[i], _batchMins[i], _batchMaxs[i]);
            else (_mins[i], _maxs[i]) = (_batchMins[i], _batchMaxs[i]);
        }
    }

    /// <inheritdoc/>
    protected sealed override void Clear() => (_mins, _maxs, _batchMins, _batchMaxs, _axis) = ([], [], [], [], null);

    /// <inheritdoc/>
    protected sealed override string Describe()
    {
        if (!HasObserved) return "min_val=inf, max_val=-inf";
        var parameters = CalculateQParams();
        var zeroPoints = parameters.HasFloatZeroPoints
            ? ObserverText.Numbers(parameters.FloatZeroPoints)
            : ObserverText.Numbers(parameters.ZeroPoints);
        return $"min_val={ObserverText.Numbers(Mins)}, max_val={ObserverText.Numbers(Maxs)}, "
            + $"scale={ObserverText.Numbers(parameters.Scales)}, zero_point={zeroPoints}";
    }

    private void ScanBatch(ReadOnlySpan<float> values, Shape shape)
    {
        if (_axis is { } axis)
        {
            _batchMins.AsSpan().Fill(float.PositiveInfinity);
            _batchMaxs.AsSpan().Fill(float.NegativeInfinity);
            CountSkipped(ChannelRanges.Scan(values, shape, axis, _batchMins, _batchMaxs));
            return;
        }
        var range = FiniteRange.Of(values);
        CountSkipped(range.Skipped);
        (_batchMins[0], _batchMaxs[0]) = (range.Min, range.Max);
    }

    private void Begin(int channels, Shape shape)
    {
        if (_mins.Length > 0)
            throw new CaliperException(
                $"A {Name} has observed {_mins.Length} channels and now gets a tensor of shape {shape} with {channels}.");
        _mins = new float[channels];
        _maxs = new float[channels];
        _batchMins = new float[channels];
        _batchMaxs = new float[channels];
        _mins.AsSpan().Fill(float.PositiveInfinity);
        _maxs.AsSpan().Fill(float.NegativeInfinity);
    }

    private static float Known(float end) => float.IsFinite(end) ? end : 0;
}
