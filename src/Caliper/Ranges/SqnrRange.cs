using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// The range with the least squared error where what is cut off counts more than what is rounded, because large values
/// often decide: AIMET's <c>tf_enhanced</c>, whose weight of 3 is the default. What other data than that which calibrated is expected
/// to reach beyond it counts, too.
/// </summary>
public sealed record SqnrRange : RangeMethod
{
    /// <summary>What an error by cutting off counts against one by rounding: 0 to 1000.</summary>
    /// <exception cref="CaliperException">It is not.</exception>
    public double SaturationWeight
    {
        get;
        init => field = value is >= 0 and <= 1000
            ? value
            : throw new CaliperException(FormattableString.Invariant($"The weight of saturation must be 0 to 1000, not {value}."));
    } = 3;

    /// <inheritdoc/>
    public override string Name => "sqnr";

    /// <inheritdoc/>
    internal override int Complexity => 6;

    /// <inheritdoc/>
    public override string Summary => "The range with the least squared error, where what is clipped counts more than what is rounded.";

    /// <inheritdoc/>
    public override string Remark =>
        "The number after the name is how much more. Large values often decide what a network answers. "
        + "Of few numbers a sample, some room is left for those of other data.";

    /// <inheritdoc/>
    protected override double? Parameter
    {
        get => SaturationWeight;
        init => SaturationWeight = value!.Value;
    }

    /// <inheritdoc/>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        var (below, above) = MagnitudeMoments.Of(statistics);
        var seen = WindowSearch.Best(new SquaredErrorCurve(below, SaturationWeight), new SquaredErrorCurve(above, SaturationWeight), type, symmetric);
        return UnseenTail.Widen(seen.WithZero, statistics, type, symmetric, SaturationWeight);
    }
}

public abstract partial record RangeMethod
{
    /// <summary>The least mean squared error, with what is cut off counting more.</summary>
    public static RangeMethod Sqnr { get; } = new SqnrRange();
}
