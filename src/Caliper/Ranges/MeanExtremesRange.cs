using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// From the mean of each sample's least value to the mean of each sample's greatest: what a typical sample reaches. NNCF's
/// default for activations (<c>mean_min_max</c>).
/// </summary>
public sealed record MeanExtremesRange : RangeMethod
{
    /// <inheritdoc/>
    public override string Name => "mean-extremes";

    /// <inheritdoc/>
    internal override int Complexity => 1;

    /// <inheritdoc/>
    public override string Summary => "The mean of the samples' least values, and of their greatest.";

    /// <inheritdoc/>
    public override string Remark => "One odd sample moves it little.";

    /// <inheritdoc/>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric) =>
        ((float)statistics.MeanOfMinima, (float)statistics.MeanOfMaxima);
}

public abstract partial record RangeMethod
{
    /// <summary>The mean of each sample's least and greatest value.</summary>
    public static RangeMethod MeanExtremes { get; } = new MeanExtremesRange();
}
