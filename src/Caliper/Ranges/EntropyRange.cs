using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// The range that keeps the distribution most like itself: of all thresholds on 2048 bins of magnitudes, the one with the least
/// Kullback-Leibler divergence of the values that were cut off at it from the same values in as many levels as there are.
/// TensorRT's entropy calibration (Migacz, GTC 2017). Unlike ONNX Runtime's it uses the type's own number of levels, does not round
/// the quantized distribution to whole counts, and smooths probabilities, not counts. A tensor with values of both signs
/// is cut off at the same distance from zero on both sides; an affine range ends no later than the values do.
/// </summary>
public sealed record EntropyRange : RangeMethod
{
    private const int Bins = 2048;

    /// <inheritdoc/>
    public override string Name => "entropy";

    /// <inheritdoc/>
    internal override int Complexity => 3;

    /// <inheritdoc/>
    public override string Summary => "The range whose integers keep the shape of the distribution best, by Kullback-Leibler divergence.";

    /// <inheritdoc/>
    public override string Remark =>
        "It looks at how often values occur and not at how far they are moved, so that it can clip much where tails are heavy.";

    /// <inheritdoc/>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        var (min, max) = (Math.Min(statistics.Min, 0), Math.Max(statistics.Max, 0));
        var end = Math.Max(-(double)min, max);
        var (magnitudesBelow, magnitudesAbove) = MagnitudeMoments.Of(statistics);
        var (below, above) = (LinearHistogram.Of(magnitudesBelow, end, Bins), LinearHistogram.Of(magnitudesAbove, end, Bins));
        int binsBelow = BinsOf(-min, end), binsAbove = BinsOf(max, end);
        int kept;
        if (symmetric)
        {
            for (var i = 0; i < Bins; i++) above[i] += below[i];
            var zeroPoint = RangeRule.SymmetricZeroPoint(type);
            kept = new EntropySearch(above, 0).BestThreshold(0, Bins, Levels(Math.Max(type.Max - zeroPoint, zeroPoint - type.Min)));
            return ((float)(-end * kept / Bins), (float)(end * kept / Bins));
        }
        Array.Reverse(below);
        kept = new EntropySearch([.. below, .. above], Bins).BestThreshold(binsBelow, binsAbove, Levels(type.Levels));
        return ((float)Math.Max(min, -end * kept / Bins), (float)Math.Min(max, end * kept / Bins));
    }

    private static int BinsOf(double magnitude, double end) => end == 0 ? 0 : (int)Math.Ceiling(Bins * (magnitude / end));

    private static int Levels(long levels) => (int)Math.Clamp(levels, 1, Bins);
}

public abstract partial record RangeMethod
{
    /// <summary>The least Kullback-Leibler divergence.</summary>
    public static RangeMethod Entropy { get; } = new EntropyRange();
}
