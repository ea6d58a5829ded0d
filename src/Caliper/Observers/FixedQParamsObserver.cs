using System.Globalization;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Observers;

/// <summary>
/// Parameters known beforehand, such as those of a sigmoid (scale 1/256, zero point 0); batches change nothing. PyTorch's
/// class of the same name.
/// </summary>
/// <param name="spec">The arguments, <see cref="ObserverSpec.Scale"/> and <see cref="ObserverSpec.ZeroPoint"/> among
/// them.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class FixedQParamsObserver(ObserverSpec spec) : Observer(spec, ObserverKind.FixedQParams)
{
    private bool _isReached;

    /// <inheritdoc/>
    public override bool HasObserved => BatchCount > 0 || _isReached;

    /// <summary>The parameters, which need no batch.</summary>
    public override QuantizationParameters CalculateQParams() =>
        QuantizationParameters.PerTensor(Type, Spec.Scale!.Value, Spec.ZeroPoint!.Value);

    /// <summary>Takes on that values were observed elsewhere.</summary>
    internal void Load() => _isReached = true;

    private protected override void Clear() => _isReached = false;

    private protected override void Update(ReadOnlySpan<float> values, Shape shape) { }

    private protected override string Describe() =>
        string.Create(CultureInfo.InvariantCulture, $"scale={Spec.Scale}, zero_point={Spec.ZeroPoint}");
}
