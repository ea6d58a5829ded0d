using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// The range that holds a given share of the values: as many are cut off at one end as at the other; with a symmetric scheme
/// the largest magnitudes are. The rule of ONNX Runtime's percentile calibrator, without its dependence on the first batch.
/// </summary>
public sealed record PercentileRange : RangeMethod
{
    /// <summary>Share of the values that stay inside, in percent: above 0 and at most 100.</summary>
    /// <exception cref="CaliperException">It is not.</exception>
    public double Percent
    {
        get;
        init => field = value is > 0 and <= 100
            ? value
            : throw new CaliperException(FormattableString.Invariant($"A percentile must be above 0 and at most 100, not {value}."));
    } = 99.999;

    /// <inheritdoc/>
    public override string Name => "percentile";

    /// <inheritdoc/>
    internal override int Complexity => 2;

    /// <inheritdoc/>
    public override string Summary => "All but a small share of the values.";

    /// <inheritdoc/>
    public override string Remark => "99.999 leaves out one value in 100\u202f000, half of them at each end.";

    /// <inheritdoc/>
    protected override double? Parameter
    {
        get => Percent;
        init => Percent = value!.Value;
    }

    /// <inheritdoc/>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        var (below, above) = MagnitudeMoments.Of(statistics);
        if (!symmetric)
        {
            var outside = statistics.Count * ((100 - Percent) / 200);
            return ((float)-below.MagnitudeExceededBy(outside), (float)above.MagnitudeExceededBy(outside));
        }
        var end = MagnitudeExceededBy(below, above, statistics.Count * ((100 - Percent) / 100));
        return ((float)-end, (float)end);
    }

    /// <summary>Bisection over both signs: the number of values beyond a magnitude falls with it.</summary>
    private static double MagnitudeExceededBy(MagnitudeMoments below, MagnitudeMoments above, double count)
    {
        var (low, high) = (0d, Math.Max(below.Greatest, above.Greatest));
        if (count <= 0) return high;
        for (var i = 0; i < 200 && low < high; i++)
        {
            var middle = low / 2 + high / 2;
            if (middle == low || middle == high) break;
            if (below.Total.Count - below.UpTo(middle).Count + (above.Total.Count - above.UpTo(middle).Count) > count) low = middle;
            else high = middle;
        }
        return high;
    }
}

public abstract partial record RangeMethod
{
    /// <summary>All but a small share of the values.</summary>
    public static RangeMethod Percentile { get; } = new PercentileRange();
}
