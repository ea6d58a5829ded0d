using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>Stands for the observer of the tensor that an operator reads. Preparation needs none: whether an operator
/// shares the scale of its input, as a reshape does, follows from the operator. PyTorch's class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
public sealed class ReuseInputObserver(ObserverSpec? spec = null)
    : Observer(spec ?? ObserverSpec.ReuseInput, ObserverKind.ReuseInput)
{
    /// <summary>Always refused.</summary>
    /// <exception cref="CaliperException">Always.</exception>
    public override QuantizationParameters CalculateQParams() =>
        throw new CaliperException(
            "A ReuseInputObserver stands for the observer of the operator's input and has no scale or zero point.");

    private protected override void Update(ReadOnlySpan<float> values, Shape shape) { }
}
