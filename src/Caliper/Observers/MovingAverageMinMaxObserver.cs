namespace Caliper.Observers;

/// <summary>A moving average of the least and the greatest value of each batch; the first batch starts it. PyTorch's class
/// of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class MovingAverageMinMaxObserver(ObserverSpec? spec = null)
    : RangeObserver(spec ?? ObserverSpec.MovingAverageMinMax, ObserverKind.MovingAverageMinMax)
{
    private protected override void Merge(ref float min, ref float max, float batchMin, float batchMax)
    {
        min = MoveToward(min, batchMin, Spec.AveragingConstant);
        max = MoveToward(max, batchMax, Spec.AveragingConstant);
    }
}
