using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// The range with the least mean of |error|ᵖ: a higher power cuts off less. p = 2.4 is what BRECQ starts from
/// (Li et al. 2021).
/// </summary>
public sealed record LpRange : RangeMethod
{
    /// <summary>The power: 1 to 6.</summary>
    /// <exception cref="CaliperException">It is not.</exception>
    public double Power
    {
        get;
        init => field = value is >= 1 and <= 6
            ? value
            : throw new CaliperException(FormattableString.Invariant($"The power of an lp range must be 1 to 6, not {value}."));
    } = 2.4;

    /// <inheritdoc/>
    public override string Name => "lp";

    /// <inheritdoc/>
    internal override int Complexity => 5;

    /// <inheritdoc/>
    public override string Summary => "The range with the least mean of the error to some power.";

    /// <inheritdoc/>
    public override string Remark => "A power above 2 minds large errors more: it clips less.";

    /// <inheritdoc/>
    protected override double? Parameter
    {
        get => Power;
        init => Power = value!.Value;
    }

    /// <inheritdoc/>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        var (below, above) = MagnitudeMoments.Of(statistics);
        return WindowSearch.Best(new PowerErrorCurve(below, Power), new PowerErrorCurve(above, Power), type, symmetric);
    }
}

public abstract partial record RangeMethod
{
    /// <summary>The least mean of the error to some power.</summary>
    public static RangeMethod Lp { get; } = new LpRange();
}
