using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>Looks at nothing. PyTorch's class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
public sealed class NoopObserver(ObserverSpec? spec = null) : Observer(spec ?? ObserverSpec.Noop, ObserverKind.Noop)
{
    /// <summary>Always refused.</summary>
    /// <exception cref="CaliperException">Always.</exception>
    public override QuantizationParameters CalculateQParams() =>
        throw new CaliperException("A NoopObserver looks at nothing and has no scale or zero point.");

    private protected override void Update(ReadOnlySpan<float> values, Shape shape) { }
}
