using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>The least and greatest value of everything seen. PyTorch's class of the same name.</summary>
/// <param name="spec">The arguments; PyTorch's defaults where null.</param>
/// <exception cref="CaliperException">The arguments do not go together.</exception>
public sealed class MinMaxObserver(MinMaxSpec? spec = null) : RangeObserver(spec ?? ObserverSpec.MinMax)
{
    /// <inheritdoc/>
    protected override void Merge(ref float min, ref float max, float batchMin, float batchMax) =>
        (min, max) = (MathF.Min(min, batchMin), MathF.Max(max, batchMax));

    /// <inheritdoc/>
    protected internal override bool TryLoad(TensorStatistics statistics, IReadOnlyList<RealRange>? batches)
    {
        Load((statistics.Min, statistics.Max));
        return true;
    }
}

/// <summary>The arguments of a <see cref="MinMaxObserver"/>.</summary>
public sealed record MinMaxSpec : ObserverSpec
{
    /// <inheritdoc/>
    public override string Name => nameof(MinMaxObserver);

    /// <inheritdoc/>
    public override string CommandName => "minmax";

    /// <inheritdoc/>
    protected override Observer CreateObserver() => new MinMaxObserver(this);
}
