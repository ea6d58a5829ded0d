using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>From the least to the greatest value seen: nothing is cut off. PyTorch's <c>MinMaxObserver</c>.</summary>
public sealed record MinMaxRange : RangeMethod
{
    /// <inheritdoc/>
    public override string Name => "minmax";

    /// <inheritdoc/>
    internal override int Complexity => 0;

    /// <inheritdoc/>
    public override string Summary => "From the least to the greatest value.";

    /// <inheritdoc/>
    public override string Remark => "Nothing is clipped, and a single outlier makes every step coarser.";

    /// <inheritdoc/>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric) =>
        (statistics.Min, statistics.Max);
}

public abstract partial record RangeMethod
{
    /// <summary>From the least to the greatest value.</summary>
    public static RangeMethod MinMax { get; } = new MinMaxRange();
}
