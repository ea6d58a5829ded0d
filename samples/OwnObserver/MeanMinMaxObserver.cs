using Caliper.Observers;

namespace OwnObserver;

/// <summary>The mean of the batches' least and of their greatest values: unlike in a moving average, every batch counts alike.</summary>
public sealed class MeanMinMaxObserver(MeanMinMaxSpec spec) : RangeObserver(spec)
{
    /// <summary>One step of a running mean.</summary>
    protected override void Merge(ref float min, ref float max, float batchMin, float batchMax)
    {
        min = MoveToward(min, batchMin, 1f / (BatchCount + 1));
        max = MoveToward(max, batchMax, 1f / (BatchCount + 1));
    }
}

/// <summary>The arguments of a <see cref="MeanMinMaxObserver"/>: those that every observer has.</summary>
public sealed record MeanMinMaxSpec : ObserverSpec
{
    /// <summary>In JSON.</summary>
    public override string Name => nameof(MeanMinMaxObserver);

    /// <summary>On the command line.</summary>
    public override string CommandName => "mean-minmax";

    /// <summary>The observer.</summary>
    protected override Observer CreateObserver() => new MeanMinMaxObserver(this);
}
