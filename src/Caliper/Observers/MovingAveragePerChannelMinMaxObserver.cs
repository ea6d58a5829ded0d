namespace Caliper.Observers;

/// <summary>A moving average of the least and greatest value of each batch, channel by channel. PyTorch's class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class MovingAveragePerChannelMinMaxObserver(ObserverSpec? spec = null) : RangeObserver(spec ?? ObserverSpec.MovingAveragePerChannelMinMax, ObserverKind.MovingAveragePerChannelMinMax)
{
    // Each operation rounds to float32, as PyTorch's do: no fused multiply-add.
    private protected override void Merge(ref float min, ref float max, float batchMin, float batchMax)
    {
        min += Spec.AveragingConstant * (batchMin - min);
        max += Spec.AveragingConstant * (batchMax - max);
    }
}
