using Caliper.Operators;
using Caliper.Preparation;
using Caliper.Statistics;

namespace Caliper.Recovery;

/// <summary>Writes down what is rounded in an int8 network, and what each rounding's noise comes to at its outputs.</summary>
internal static class NoiseModel
{
    /// <summary>A channel is taken to reach at least this share of the tensor's widest, for others may come than were seen.</summary>
    private const double LeastReach = 1.0 / 64;

    /// <summary>For the same reason a channel is taken to reach as many standard deviations from its mean: a small map of few samples shows
    /// little of what can come.</summary>
    private const double LeastDeviations = 6;

    /// <summary>The noise of a network, in which classes are tied.</summary>
    public static RoundingNoise Of(QuantizationPlan plan, Passage[] passages, ChannelClasses classes, NoiseWeights noise)
    {
        foreach (var passage in passages.Reverse()) passage.CarryBack(noise);
        var moved = Moved(plan);
        var integers = plan.Layers.Where(l => l.IsInteger).Select(l => l.Layer.Operation).ToHashSet(ReferenceEqualityComparer.Instance);
        return new RoundingNoise([.. plan.Sites.Select(s => Of(s, classes, noise, moved)).OfType<TensorRounding>()],
            [.. passages.OfType<LinearPassage>().Where(p => integers.Contains(p.Node)).SelectMany(p => Of(p, classes, noise))]);
    }

    /// <summary>Leaves alone every value that is rounded but whose channels' ranges are not known.</summary>
    public static void FixUnknown(QuantizationPlan plan, ChannelClasses classes, ChannelFacts facts)
    {
        foreach (var site in plan.Sites.Where(s => s.Observed.Any(o => facts.Of(o) is null)))
            foreach (var value in site.Values) classes.Fix(value);
    }

    /// <summary>The values of a site that are rounded: those that are not merely moved from where they were.</summary>
    public static IEnumerable<string> Rounded(QuantizationPlan plan, ObservationSite site) => site.Values.Except(Moved(plan));

    private static HashSet<string> Moved(QuantizationPlan plan) =>
        plan.Layers.Where(l => l is { IsInteger: true, Role: OperatorRole.PassThrough or OperatorRole.Join })
            .SelectMany(l => l.Layer.Outputs).ToHashSet(StringComparer.Ordinal);

    private static TensorRounding? Of(ObservationSite site, ChannelClasses classes, NoiseWeights noise, HashSet<string> moved)
    {
        var known = site.Observed.Select(o => (Value: o, Channels: noise.Facts.Of(o))).ToArray();
        if (known.Any(k => k.Channels is null)) return null;
        var widest = known.SelectMany(k => k.Channels!).Max(c => Math.Max(-(double)c.Min, c.Max));
        if (!(widest > 0)) return null;
        var seen = known.SelectMany(k => classes.Of(k.Value).Zip(k.Channels!, (id, c) => Reach(id, c, LeastReach * widest)));
        var made = site.Values.Where(v => !moved.Contains(v)).SelectMany(v => classes.Of(v).Zip(noise.Of(v), (id, w) => (id, w)));
        return new TensorRounding(site.Name, [.. made], [.. seen]);
    }

    private static (int Class, double Above, double Below) Reach(int id, ChannelStatistics channel, double least)
    {
        var deviations = LeastDeviations * Math.Sqrt(channel.Variance);
        // What never was on one side of zero, after a Relu, will not come there.
        var above = channel.Max > 0 ? Math.Max(channel.Max, channel.Mean + deviations) : 0;
        var below = channel.Min < 0 ? Math.Max(-(double)channel.Min, deviations - channel.Mean) : 0;
        if (above + below <= 0) return (id, least, 0);
        var raise = Math.Max(1, least / (above + below));
        return (id, above * raise, below * raise);
    }

    /// <summary>One for each group of a convolution. A single input has one factor for all that a scale is taken from: nothing changes.</summary>
    public static IEnumerable<WeightRounding> Of(LinearPassage passage, ChannelClasses classes, NoiseWeights noise)
    {
        var input = passage.Node.Inputs[0];
        var own = passage.InputsPerOutput;
        if (own == 1 || noise.Facts.Of(input) is not { } known) yield break;
        var (ids, weights) = (classes.Of(input), noise.Of(passage.Node.Output));
        // What is known beforehand, the mean, bias correction takes back.
        foreach (var group in Enumerable.Range(0, passage.Peaks.Length).GroupBy(passage.FirstInput))
        {
            yield return new WeightRounding(
                [.. Enumerable.Range(group.Key, own).Select(i => (ids[i], passage.Taps * known[i].Variance))],
                [.. group.Select(o => (weights[o], passage.Peaks[o]))]);
        }
    }
}
