using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>Looks at nothing and carries its arguments to conversion, as for a type that needs no range (float16). PyTorch's
/// class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
public sealed class PlaceholderObserver(ObserverSpec? spec = null)
    : Observer(spec ?? ObserverSpec.Placeholder, ObserverKind.Placeholder)
{
    /// <summary>Always refused.</summary>
    /// <exception cref="CaliperException">Always.</exception>
    public override QuantizationParameters CalculateQParams() =>
        throw new CaliperException("A PlaceholderObserver looks at nothing and has no scale or zero point.");

    private protected override void Update(ReadOnlySpan<float> values, Shape shape) { }
}
