namespace Caliper.Observers;

/// <summary>The least and greatest value of everything seen, channel by channel. PyTorch's class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class PerChannelMinMaxObserver(ObserverSpec? spec = null)
    : RangeObserver(spec ?? ObserverSpec.PerChannelMinMax, ObserverKind.PerChannelMinMax)
{
    private protected override void Merge(ref float min, ref float max, float batchMin, float batchMax) =>
        (min, max) = (MathF.Min(min, batchMin), MathF.Max(max, batchMax));
}
