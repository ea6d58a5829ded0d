using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// The range with the least mean squared error of quantizing and dequantizing: the global optimum over all scales and zero
/// points, with the type's own number of levels. OMSE of Choukroun et al. 2019, with zero points; PyTorch's
/// <c>HistogramObserver</c> searches for the same greedily.
/// </summary>
public sealed record MseRange : RangeMethod
{
    /// <inheritdoc/>
    public override string Name => "mse";

    /// <inheritdoc/>
    internal override int Complexity => 4;

    /// <inheritdoc/>
    public override string Summary => "The range with the least mean squared error.";

    /// <inheritdoc/>
    public override string Remark => "Among all scales and zero points no other has a higher predicted SQNR.";

    /// <inheritdoc/>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        var (below, above) = MagnitudeMoments.Of(statistics);
        return WindowSearch.Best(new SquaredErrorCurve(below), new SquaredErrorCurve(above), type, symmetric);
    }
}

public abstract partial record RangeMethod
{
    /// <summary>The least mean squared error.</summary>
    public static RangeMethod Mse { get; } = new MseRange();
}
