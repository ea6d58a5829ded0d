using System.Collections.Immutable;
using System.Globalization;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>
/// Parameters known beforehand, such as those of a sigmoid (scale 1/256, zero point 0); batches change nothing. PyTorch's
/// class of the same name.
/// </summary>
/// <param name="spec">The arguments, <see cref="FixedQParamsSpec.Scale"/> and <see cref="FixedQParamsSpec.ZeroPoint"/> among
/// them.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class FixedQParamsObserver(FixedQParamsSpec spec) : Observer(spec)
{
    private readonly FixedQParamsSpec _spec = spec;
    private bool _isReached;

    /// <inheritdoc/>
    public override bool HasObserved => BatchCount > 0 || _isReached;

    /// <summary>The parameters, which need no batch.</summary>
    public override QuantizationParameters CalculateQParams() =>
        QuantizationParameters.PerTensor(Type, _spec.Scale!.Value, _spec.ZeroPoint!.Value);

    /// <inheritdoc/>
    protected internal override bool TryLoad(TensorStatistics statistics, IReadOnlyList<RealRange>? batches) => _isReached = true;

    /// <inheritdoc/>
    protected override void Clear() => _isReached = false;

    /// <inheritdoc/>
    protected override void Update(ReadOnlySpan<float> values, Shape shape) { }

    /// <inheritdoc/>
    protected override string Describe() =>
        string.Create(CultureInfo.InvariantCulture, $"scale={_spec.Scale}, zero_point={_spec.ZeroPoint}");
}

/// <summary>The arguments of a <see cref="FixedQParamsObserver"/>.</summary>
public sealed record FixedQParamsSpec : ObserverSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(FixedQParamsObserver);

    /// <inheritdoc/>
    public override string? CommandName => null;

    /// <summary>The scale that is known beforehand; must be given.</summary>
    public float? Scale { get; init; }

    /// <summary>The zero point that is known beforehand; must be given.</summary>
    public int? ZeroPoint { get; init; }

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
    [
        ObserverArgument.OptionalNumber<FixedQParamsSpec>("scale", s => s.Scale, (s, v) => s with { Scale = v }),
        ObserverArgument.OptionalInteger<FixedQParamsSpec>("zero_point", s => s.ZeroPoint, (s, v) => s with { ZeroPoint = v }),
        ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.QuantMin, ObserverArgument.QuantMax,
    ];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new FixedQParamsObserver(this);

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        base.Validate();
        if (Scale is not { } scale || ZeroPoint is not { } zeroPoint) throw Wrong($"scale and zero_point must be given");
        _ = QuantizationParameters.PerTensor(QuantizedType, scale, zeroPoint);
    }
}
