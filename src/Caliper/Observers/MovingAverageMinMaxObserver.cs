using System.Collections.Immutable;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>A moving average of the least and the greatest value of each batch; the first batch starts it. PyTorch's class
/// of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class MovingAverageMinMaxObserver(MovingAverageMinMaxSpec? spec = null) : RangeObserver(spec ?? ObserverSpec.MovingAverageMinMax)
{
    private readonly float _share = (spec ?? ObserverSpec.MovingAverageMinMax).AveragingConstant;

    /// <inheritdoc/>
    protected internal override bool NeedsBatches => true;

    /// <inheritdoc/>
    protected override void Merge(ref float min, ref float max, float batchMin, float batchMax)
    {
        min = MoveToward(min, batchMin, _share);
        max = MoveToward(max, batchMax, _share);
    }

    /// <inheritdoc/>
    protected internal override bool TryLoad(TensorStatistics statistics, IReadOnlyList<RealRange>? batches)
    {
        if (batches is null) return false;
        foreach (var batch in batches) Load(batch);
        return true;
    }
}

/// <summary>The arguments of a <see cref="MovingAverageMinMaxObserver"/>.</summary>
public sealed record MovingAverageMinMaxSpec : ObserverSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(MovingAverageMinMaxObserver);

    /// <inheritdoc/>
    public override string CommandName => "moving-average";

    /// <summary>PyTorch's <c>averaging_constant</c>: the weight of a new batch, above 0 and at most 1.</summary>
    public float AveragingConstant { get; init; } = 0.01f;

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
    [
        ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.ReduceRange, ObserverArgument.QuantMin, ObserverArgument.QuantMax,
        ObserverArgument.Number<MovingAverageMinMaxSpec>("averaging_constant", s => s.AveragingConstant, (s, v) => s with { AveragingConstant = v }),
        ObserverArgument.Eps,
    ];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new MovingAverageMinMaxObserver(this);

    /// <inheritdoc/>
    protected internal override void Validate()
    {
        base.Validate();
        ObserverRules.CheckAveraging(this, AveragingConstant);
    }
}
