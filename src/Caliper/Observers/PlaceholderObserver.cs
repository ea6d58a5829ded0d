using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>Looks at nothing and carries its arguments to conversion, as for a type that needs no range (float16). PyTorch's
/// class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
public sealed class PlaceholderObserver(PlaceholderSpec? spec = null) : Observer(spec ?? ObserverSpec.Placeholder)
{
    /// <summary>Always refused.</summary>
    /// <exception cref="CaliperException">Always.</exception>
    public override QuantizationParameters CalculateQParams() =>
        throw new CaliperException("A PlaceholderObserver looks at nothing and has no scale or zero point.");

    /// <inheritdoc/>
    protected override void Update(ReadOnlySpan<float> values, Shape shape) { }

    /// <inheritdoc/>
    protected internal override bool TryLoad(TensorStatistics statistics, IReadOnlyList<RealRange>? batches) => true;
}

/// <summary>The arguments of a <see cref="PlaceholderObserver"/>.</summary>
public sealed record PlaceholderSpec : RangelessSpec
{
    /// <summary>PyTorch's defaults: <c>float32</c>.</summary>
    public PlaceholderSpec() => DType = ElementType.Float32;

    /// <inheritdoc/>
    public override string Name => nameof(PlaceholderObserver);

    /// <inheritdoc/>
    public override ImmutableArray<ObserverArgument> Arguments =>
        [ObserverArgument.DType, ObserverArgument.Scheme, ObserverArgument.QuantMin, ObserverArgument.QuantMax, ObserverArgument.Eps];

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new PlaceholderObserver(this);
}
