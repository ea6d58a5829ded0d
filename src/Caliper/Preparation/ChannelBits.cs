using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Observers;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>How far the output channels of a layer's weights differ in size, which is known before any data.</summary>
internal static class ChannelBits
{
    /// <summary>Bits of eight that each channel would keep if all shared one scale, the narrowest channel first. A channel half as wide as
    /// the widest reaches half of the levels: one bit less. Channels without any weight lose nothing and are left out; empty for a constant
    /// without channels.</summary>
    public static ImmutableArray<double> Of(WeightSite site, Graph graph)
    {
        var weights = graph.Constant(site.Initializer)!;
        if (OperatorCatalogue.ProductOf(site.Layer.Operation) is null || weights.Shape.Rank < 2) return [];
        var observer = ObserverSpec.PerChannelMinMax.Create(OutputAxis.Of(site.Layer.Operation, weights.Shape));
        observer.Observe(weights);
        float[] widths = [.. observer.Mins.Zip(observer.Maxs, (min, max) => Math.Max(-min, max)).Where(width => width > 0).Order()];
        return [.. widths.Select(width => Math.Max(0, 8 + Math.Log2(width / widths[^1])))];
    }
}
