using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>From the least to the greatest value seen: nothing is cut off. PyTorch's <c>MinMaxObserver</c>.</summary>
public sealed record MinMaxRange : RangeMethod
{
    /// <inheritdoc/>
    public override string Name => "minmax";

    private protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric) =>
        (statistics.Min, statistics.Max);
}
