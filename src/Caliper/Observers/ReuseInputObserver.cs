using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>Stands for the observer of the tensor that an operator reads. Preparation needs none: whether an operator
/// shares the scale of its input, as a reshape does, follows from the operator. PyTorch's class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
public sealed class ReuseInputObserver(ReuseInputSpec? spec = null) : Observer(spec ?? ObserverSpec.ReuseInput)
{
    /// <summary>Always refused.</summary>
    /// <exception cref="CaliperException">Always.</exception>
    public override QuantizationParameters CalculateQParams() =>
        throw new CaliperException(
            "A ReuseInputObserver stands for the observer of the operator's input and has no scale or zero point.");

    /// <inheritdoc/>
    protected override void Update(ReadOnlySpan<float> values, Shape shape) { }

    /// <inheritdoc/>
    protected internal override bool TryLoad(TensorStatistics statistics, IReadOnlyList<RealRange>? batches) => true;
}

/// <summary>A <see cref="ReuseInputObserver"/> has no arguments.</summary>
public sealed record ReuseInputSpec : RangelessSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(ReuseInputObserver);

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments => [];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new ReuseInputObserver(this);
}
