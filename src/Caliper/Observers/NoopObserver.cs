using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>Looks at nothing. PyTorch's class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
public sealed class NoopObserver(NoopSpec? spec = null) : Observer(spec ?? ObserverSpec.Noop)
{
    /// <summary>Always refused.</summary>
    /// <exception cref="CaliperException">Always.</exception>
    public override QuantizationParameters CalculateQParams() =>
        throw new CaliperException("A NoopObserver looks at nothing and has no scale or zero point.");

    /// <inheritdoc/>
    protected override void Update(ReadOnlySpan<float> values, Shape shape) { }

    /// <inheritdoc/>
    protected internal override bool TryLoad(TensorStatistics statistics, IReadOnlyList<RealRange>? batches) => true;
}

/// <summary>The arguments of a <see cref="NoopObserver"/>.</summary>
public sealed record NoopSpec : RangelessSpec
{
    /// <summary>PyTorch's defaults: <c>float16</c>.</summary>
    public NoopSpec() => DType = ElementType.Float16;

    /// <inheritdoc/>
    public override string Name => nameof(NoopObserver);

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments => [ObserverArgument.DType];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new NoopObserver(this);
}
