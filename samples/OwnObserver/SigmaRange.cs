using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Statistics;

namespace OwnObserver;

/// <summary>As many standard deviations on both sides of the mean as are asked for, but no farther than values go.</summary>
public sealed record SigmaRange : RangeMethod
{
    /// <summary>The name, as in <c>sigma(4)</c>.</summary>
    public override string Name => "sigma";

    /// <summary>What a report says of it.</summary>
    public override string Summary => "Some standard deviations on both sides of the mean.";

    /// <summary>How many standard deviations.</summary>
    protected override double? Parameter { get; init; } = 4;

    /// <summary>From the bins: each value counts as the middle of its own.</summary>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        var mean = statistics.Bins.Sum(b => b.Count * Middle(b)) / statistics.Count;
        var variance = statistics.Bins.Sum(b => b.Count * Middle(b) * Middle(b)) / statistics.Count - mean * mean;
        var reach = Parameter!.Value * Math.Sqrt(Math.Max(variance, 0));
        return ((float)Math.Max(mean - reach, statistics.Min), (float)Math.Min(mean + reach, statistics.Max));
    }

    private static double Middle(HistogramBin bin) => ((double)bin.Lower + bin.Upper) / 2;
}
