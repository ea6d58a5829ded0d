using System.Collections.Immutable;
using Caliper.Calibration;
using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;
using Caliper.Statistics;

namespace Caliper.Recovery;

/// <summary>
/// Outlier channel splitting: where few channels of a value reach much further than the others, as they do in the residual streams and after
/// the gates of transformers, products read them as several copies, each a part of the channel. The scale, which the widest channel sets, is
/// then several times finer for a few columns more, and weights stay as they are, whose scales dividing by factors would spread (R. Zhao et al.,
/// "Improving Neural Network Quantization without Retraining using Outlier Channel Splitting", 2019, section 3).
/// </summary>
internal static class ChannelSplitting
{
    /// <summary>By how much the columns of a product may grow, as a share of them.</summary>
    private const double MostAdded = 1.0 / 16;

    /// <summary>How much finer the scale must become.</summary>
    private const double LeastGain = 1.4;

    // As many levels as int8 has between its least and its greatest.
    private const int Levels = 255;

    /// <summary>Finds what to split: of values that are float until int8 products read them.</summary>
    /// <param name="fused">The network.</param>
    /// <param name="statistics">What calibration saw of it.</param>
    /// <param name="mapping">What becomes int8.</param>
    public static ChannelFactors Find(FusedModel fused, CalibrationStatistics statistics, QConfigMapping mapping)
    {
        var graph = fused.Model.Graph;
        var plan = Planner.Plan(fused, mapping);
        var floats = plan.Layers.Where(l => !l.IsInteger).SelectMany(l => l.Layer.Outputs).ToHashSet(StringComparer.Ordinal);
        var integers = plan.Layers.Where(l => l.IsInteger).Select(l => l.Layer.Operation).ToHashSet(ReferenceEqualityComparer.Instance);
        var classes = new ChannelClasses(graph);
        var facts = new ChannelFacts(statistics, classes, ImmutableDictionary<string, string>.Empty);
        var splits = ImmutableSortedDictionary.CreateBuilder<string, SplitChannels>(StringComparer.Ordinal);
        foreach (var value in floats)
        {
            if (Readers(graph, classes, value) is [_, ..] readers && readers.All(integers.Contains)
                && facts.Of(value) is { } channels && Split(channels) is { } split) splits.Add(value, split);
        }
        return ChannelFactors.None with { Splits = splits.ToImmutable() };
    }

    /// <summary>The products that read a value's channels as columns of weights of their own.</summary>
    public static Node[] Readers(Graph graph, ChannelClasses classes, string value) =>
    [
        .. graph.ConsumersOf(value).Where(n => n.Inputs[0] == value && OperatorCatalogue.ProductOf(n) is ProductKind.MatMul or ProductKind.Gemm
            && LinearPassage.Of(graph, classes, n) is not null).Distinct(),
    ];

    /// <summary>Which channels to split, and into how many: the finest scale that the allowed columns buy; null where that is little.</summary>
    internal static SplitChannels? Split(ReadOnlySpan<ChannelStatistics> channels)
    {
        var reach = new double[channels.Length];
        for (var c = 0; c < reach.Length; c++) reach[c] = Math.Max(-(double)channels[c].Min, channels[c].Max);
        var widest = reach.Max();
        if (!(widest > 0) || !double.IsFinite(widest)) return null;
        var allowed = (int)(MostAdded * reach.Length);
        // Bisection, on a scale of ratios; what the upper bound costs is allowed.
        var (low, high) = (widest / SplitChannels.MostCopies, widest);
        for (var i = 0; i < 40; i++)
        {
            var middle = Math.Sqrt(low * high);
            if (reach.Sum(r => Parts(r, middle) - 1) <= allowed) high = middle;
            else low = middle;
        }
        if (widest < LeastGain * high) return null;
        var copies = reach.Index().Where(r => Parts(r.Item, high) > 1)
            .ToImmutableSortedDictionary(r => r.Index, r => Math.Min(Parts(r.Item, high), SplitChannels.MostCopies));
        var (least, greatest) = (0.0, 0.0);
        for (var c = 0; c < channels.Length; c++)
        {
            var parts = copies.GetValueOrDefault(c, 1);
            (least, greatest) = (Math.Min(least, (double)channels[c].Min / parts), Math.Max(greatest, (double)channels[c].Max / parts));
        }
        var step = (float)((greatest - least) / Levels);
        return step > 0 ? new SplitChannels(step, copies) : null;
    }

    /// <summary>Puts copies of channels before the products that read them.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="splits">What is split.</param>
    /// <exception cref="CaliperException">They are of another network; the message names the value.</exception>
    public static Graph Apply(Graph graph, ImmutableSortedDictionary<string, SplitChannels> splits)
    {
        if (splits.IsEmpty) return graph;
        var classes = new ChannelClasses(graph);
        var target = new SplitGraph(graph);
        foreach (var (value, split) in splits)
        {
            var readers = Readers(graph, classes, value);
            if (readers.Length == 0)
                throw new CaliperException($"The recipe splits channels of '{value}', which no product reads as its columns here.");
            var channels = classes.AxisOf(value)!.Value.Channels;
            if (split.Copies.Keys.Any(c => c >= channels) || split.Added > channels)
                throw new CaliperException($"The recipe splits channels of '{value}', which has {channels}, into too many or of others.");
            target.Split(value, split, readers);
        }
        return target.Finish();
    }

    private static int Parts(double reach, double part) => Math.Max(1, (int)Math.Ceiling(reach / part - 1e-9));
}
