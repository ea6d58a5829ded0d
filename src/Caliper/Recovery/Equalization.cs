using System.Collections.Immutable;
using Caliper.Calibration;
using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>
/// Equalization across layers: the channels of each int8 tensor are divided by factors, so that small ones use more of the 256 levels, and
/// what reads them is multiplied by the same. The network computes what it did, in float (M. Nagel et al., "Data-Free Quantization Through
/// Weight Equalization and Bias Correction", 2019, section 4.1; G. Xiao et al., "SmoothQuant", 2022). Which factors: those of least rounding
/// noise, of tensors and of weights, at the network's outputs, as <see cref="RoundingNoise"/> predicts it.
/// </summary>
internal static class Equalization
{
    /// <summary>What equalization must promise for a piece of the network to be touched: 2 % less noise than without.</summary>
    private const double LeastGain = 0.02;

    /// <summary>The same of what a product reads, where that costs a multiplication.</summary>
    private const double LeastGainOfRead = 0.15;

    /// <summary>Finds factors.</summary>
    /// <param name="fused">The network.</param>
    /// <param name="statistics">What calibration saw of it. The network that <see cref="Apply"/> makes needs statistics of its own.</param>
    /// <param name="mapping">What becomes int8.</param>
    public static EqualizationResult Find(FusedModel fused, CalibrationStatistics statistics, QConfigMapping mapping)
    {
        var source = fused.Model.Graph;
        var products = DividedReads.Candidates(source, new ChannelClasses(source), Planner.Plan(fused, mapping));
        var (graph, readBy) = DividedReads.Insert(source, products);
        var plan = Planner.Plan(fused.With(graph, ChannelFactors.None with
        {
            Reads = readBy.ToImmutableSortedDictionary(r => r.Key, _ => ImmutableArray<int>.Empty, StringComparer.Ordinal),
        }), mapping);
        var classes = new ChannelClasses(graph);
        var facts = new ChannelFacts(statistics, classes, readBy.ToDictionary(r => r.Value, r => source.ProducerOf(r.Key)!.Inputs[0]));
        var undone = Reliefs.Of(graph, plan);
        var floats = plan.Layers.Where(l => !l.IsInteger).SelectMany(l => l.Layer.Nodes)
            .Concat(plan.Layers.Select(l => l.Layer.BiasAdd).OfType<Node>()).ToHashSet(ReferenceEqualityComparer.Instance);
        var passages = Passages.Of(graph, classes, undone, floats.Contains);
        Bind(graph, classes, passages);
        NoiseModel.FixUnknown(plan, classes, facts);

        var noise = NoiseModel.Of(plan, passages, classes, new NoiseWeights(graph, classes, facts));
        var best = ConvexDescent.Minimize(noise, classes.Count, Math.ScaleB(1, ChannelFactors.MostExponent));
        var forReads = readBy.Values.SelectMany(classes.Of).ToHashSet();
        var exponents = Pieces.Keep(noise, best, id => forReads.Contains(id) ? LeastGainOfRead : LeastGain);
        ImmutableArray<int> ExponentsOf(string value) => [.. classes.Of(value).Select(c => exponents[c])];
        var divided = graph.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0 && !readBy.ContainsValue(o))
            .Select(o => KeyValuePair.Create(o, ExponentsOf(o))).Where(e => e.Value.Any(x => x != 0))
            .ToImmutableSortedDictionary(StringComparer.Ordinal);
        return new EqualizationResult(
            new ChannelFactors
            {
                Exponents = divided,
                Reads = readBy.Where(r => !ExponentsOf(r.Value).SequenceEqual(ExponentsOf(source.ProducerOf(r.Key)!.Inputs[0])))
                    .ToImmutableSortedDictionary(r => r.Key, r => ExponentsOf(r.Value), StringComparer.Ordinal),
                Undone = undone.RemoveRange(undone.Where(u => !divided.ContainsKey(u.Value)).Select(u => u.Key)),
            },
            SitesOf(noise, Pieces.FactorsOf(exponents)));
    }

    /// <summary>Splits a network's channels, and divides them by factors.</summary>
    /// <param name="fused">The network; it does not change.</param>
    /// <param name="factors">The factors.</param>
    /// <exception cref="CaliperException">They are of another network, or it would compute something else; the message names the
    /// value.</exception>
    public static FusedModel Apply(FusedModel fused, ChannelFactors factors)
    {
        if (!fused.Equalization.IsEmpty) throw new CaliperException("An equalized network is not equalized again.");
        if (factors.IsEmpty) return fused;
        var split = ChannelSplitting.Apply(fused.Model.Graph, factors.Splits);
        FactorCheck.Read(split, factors);
        var (graph, readBy) = DividedReads.Insert(split, factors.Reads.Keys);
        var classes = new ChannelClasses(graph);
        FactorCheck.Named(graph, classes, factors);
        var all = factors with { Exponents = factors.Exponents.AddRange(factors.Reads.Select(r => KeyValuePair.Create(readBy[r.Key], r.Value))) };
        // Constants may change wherever they are: where they are int8, what goes in and what comes out is divided by the same.
        var passages = Passages.Of(graph, classes, factors.Undone, _ => true);
        Bind(graph, classes, passages);
        FactorCheck.Consistent(graph, classes, all);

        var target = new ScaledGraph(graph, classes, all);
        foreach (var passage in passages) passage.Rewrite(target);
        foreach (var node in graph.Nodes)
            if (node.Outputs is [var output, ..] && factors.Undone.TryGetValue(output, out var value)) target.Relieve(node, value);
        return fused.With(target.Finish(), factors);
    }

    private static void Bind(Graph graph, ChannelClasses classes, Passage[] passages)
    {
        foreach (var value in graph.Inputs.Concat(graph.Outputs)) classes.Fix(value.Name);
        foreach (var passage in passages) passage.Bind(classes);
    }

    private static ImmutableArray<EqualizedSite> SitesOf(RoundingNoise noise, double[] factors)
    {
        var ones = Enumerable.Repeat(1d, factors.Length).ToArray();
        return [.. noise.Tensors.Where(t => t.Made.Any(m => factors[m.Class] != 1)).Select(t => new EqualizedSite(t.Name,
            t.Made.Max(m => Math.Max(factors[m.Class], 1 / factors[m.Class])),
            10 * Math.Log10(t.Noise(ones) / Math.Max(t.Noise(factors), double.Epsilon))))];
    }
}

/// <summary>Factors that were found, and where.</summary>
/// <param name="Factors">The factors; none where nothing was to be won.</param>
/// <param name="Sites">What is divided, in execution order.</param>
internal sealed record EqualizationResult(ChannelFactors Factors, ImmutableArray<EqualizedSite> Sites);

/// <summary>One int8 tensor whose channels are divided by factors.</summary>
/// <param name="Name">The layer that makes it.</param>
/// <param name="GreatestFactor">The greatest factor, or the reciprocal of the least.</param>
/// <param name="GainDecibels">By how much its rounding noise is predicted to fall at the network's outputs, in dB.</param>
internal sealed record EqualizedSite(string Name, double GreatestFactor, double GainDecibels);
