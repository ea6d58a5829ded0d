using System.Collections.Immutable;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>A moving average of the least and greatest value of each batch, channel by channel. PyTorch's class of the same
/// name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class MovingAveragePerChannelMinMaxObserver(MovingAveragePerChannelMinMaxSpec? spec = null)
    : RangeObserver(spec ?? ObserverSpec.MovingAveragePerChannelMinMax)
{
    private readonly float _share = (spec ?? ObserverSpec.MovingAveragePerChannelMinMax).AveragingConstant;

    /// <inheritdoc/>
    protected override void Merge(ref float min, ref float max, float batchMin, float batchMax)
    {
        min = MoveToward(min, batchMin, _share);
        max = MoveToward(max, batchMax, _share);
    }
}

/// <summary>The arguments of a <see cref="MovingAveragePerChannelMinMaxObserver"/>.</summary>
public sealed record MovingAveragePerChannelMinMaxSpec : ObserverSpec
{
    /// <summary>PyTorch's defaults.</summary>
    public MovingAveragePerChannelMinMaxSpec() => Scheme = QuantizationScheme.PerChannelAffine;

    /// <inheritdoc/>
    public override string Name => nameof(MovingAveragePerChannelMinMaxObserver);

    /// <inheritdoc/>
    public override bool IsPerChannel => true;

    /// <summary>PyTorch's <c>averaging_constant</c>: the weight of a new batch, above 0 and at most 1.</summary>
    public float AveragingConstant { get; init; } = 0.01f;

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
    [
        ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.ChannelAxis, ObserverArgument.ReduceRange,
        ObserverArgument.QuantMin, ObserverArgument.QuantMax,
        ObserverArgument.Number<MovingAveragePerChannelMinMaxSpec>("averaging_constant", s => s.AveragingConstant,
            (s, v) => s with { AveragingConstant = v }),
        ObserverArgument.Eps,
    ];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new MovingAveragePerChannelMinMaxObserver(this);

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        base.Validate();
        ObserverRules.CheckAveraging(this, AveragingConstant);
    }
}
