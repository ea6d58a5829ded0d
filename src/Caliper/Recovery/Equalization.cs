using System.Collections.Immutable;
using Caliper.Calibration;
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
    private const double GreatestFactor = 64;

    /// <summary>What equalization must promise for a piece of the network to be touched: 2 % less noise than without.</summary>
    private const double LeastGain = 0.02;

    /// <summary>Equalizes a network.</summary>
    /// <param name="fused">The network; it does not change.</param>
    /// <param name="statistics">What calibration saw of it. The result needs statistics of its own.</param>
    /// <param name="mapping">What becomes int8 and where.</param>
    /// <param name="throughGates">Whether gates between int8 values may get a layer more, which undoes the factors for them: it takes time.</param>
    public static EqualizedModel Apply(FusedModel fused, CalibrationStatistics statistics, QConfigMapping mapping, bool throughGates = true)
    {
        var graph = fused.Model.Graph;
        var plan = Planner.Plan(fused, mapping);
        var classes = new ChannelClasses(graph);
        var facts = new ChannelFacts(statistics, classes);
        var reliefs = new Reliefs(graph, plan, classes, throughGates);
        var passages = Passages.Of(fused, plan, classes, reliefs);
        foreach (var value in graph.Inputs.Concat(graph.Outputs)) classes.Fix(value.Name);
        foreach (var passage in passages) passage.Bind(classes);
        NoiseModel.FixUnknown(plan, classes, facts);

        var noise = NoiseModel.Of(plan, passages, classes, new NoiseWeights(graph, classes, facts));
        var factors = Pieces.Keep(noise, ConvexDescent.Minimize(noise, classes.Count, GreatestFactor), LeastGain);
        var sites = SitesOf(noise, factors);
        if (sites.IsEmpty) return new EqualizedModel(fused, []);

        var target = new ScaledGraph(graph, classes, [.. factors.Select(f => (float)f)]);
        foreach (var passage in passages) passage.Rewrite(target);
        var floats = plan.Layers.Where(l => !l.IsInteger).SelectMany(l => l.Layer.Nodes).ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
            if (reliefs.Of(node) is { } value) target.Relieve(node, value, floats.Contains(node));
        return new EqualizedModel(fused.With(target.Finish()), sites);
    }

    private static ImmutableArray<EqualizedSite> SitesOf(RoundingNoise noise, double[] factors)
    {
        var ones = Enumerable.Repeat(1d, factors.Length).ToArray();
        return [.. noise.Tensors.Where(t => t.Made.Any(m => factors[m.Class] != 1)).Select(t => new EqualizedSite(t.Name,
            t.Made.Max(m => Math.Max(factors[m.Class], 1 / factors[m.Class])),
            10 * Math.Log10(t.Noise(ones) / Math.Max(t.Noise(factors), double.Epsilon))))];
    }
}

/// <summary>A network whose channels were divided by factors, and where.</summary>
/// <param name="Model">The network; the one that was given where nothing was to be won.</param>
/// <param name="Sites">What was divided, in execution order.</param>
internal sealed record EqualizedModel(FusedModel Model, ImmutableArray<EqualizedSite> Sites);

/// <summary>One int8 tensor whose channels were divided by factors.</summary>
/// <param name="Name">The layer that makes it.</param>
/// <param name="GreatestFactor">The greatest factor, or the reciprocal of the least.</param>
/// <param name="GainDecibels">By how much its rounding noise is predicted to fall at the network's outputs, in dB.</param>
internal sealed record EqualizedSite(string Name, double GreatestFactor, double GainDecibels);
