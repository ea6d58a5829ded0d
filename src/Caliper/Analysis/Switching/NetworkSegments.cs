using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Analysis.Switching;

/// <summary>
/// Cuts a network into segments, so that what lies before a change need not be computed again. Cuts lie where few values cross them.
/// </summary>
internal static class NetworkSegments
{
    // Each costs a session to plan and a little fusion that is lost across its ends; sixteen save nearly all that more would.
    private const int Most = 16;

    // Layers to choose a cut from; with fewer, cuts would fall inside residual blocks.
    private const int Choice = 3;

    private const int Never = int.MaxValue;

    /// <summary>The segments in execution order.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="layers">Its layers.</param>
    /// <param name="wanted">Values inside of it that are asked for as its outputs are.</param>
    public static ImmutableArray<NetworkSegment> Of(Graph graph, ImmutableArray<Layer> layers, ImmutableHashSet<string> wanted)
    {
        var count = Math.Clamp(layers.Length / Choice, 1, Most);
        var crossing = Crossing(graph, layers);
        var cuts = Enumerable.Range(1, count - 1).Select(i => BestCut(crossing, layers.Length * i / count, layers.Length * (i + 1) / count));
        int[] bounds = [0, .. cuts.Where(c => crossing[c] < Never).Distinct(), layers.Length];
        return [.. bounds.Zip(bounds.Skip(1), (from, to) => SegmentOf(graph, layers[from..to], wanted))];
    }

    private static int BestCut(int[] crossing, int from, int to) => Enumerable.Range(from, Math.Max(1, to - from)).MinBy(place => crossing[place]);

    /// <summary>How many values cross each place before a layer.</summary>
    private static int[] Crossing(Graph graph, ImmutableArray<Layer> layers)
    {
        var placeOf = layers.Index().SelectMany(l => l.Item.Nodes.Select(n => (Node: n, l.Index)))
            .ToDictionary(p => p.Node.Name, p => p.Index, StringComparer.Ordinal);
        var crossing = new int[layers.Length + 1];
        foreach (var (place, layer) in layers.Index())
            foreach (var value in layer.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0))
            {
                var last = graph.ConsumersOf(value).Select(n => placeOf[n.Name]).Append(graph.IsOutput(value) ? layers.Length : 0).Max();
                for (var i = place + 1; i <= last; i++) crossing[i]++;
            }
        ForbidBranches(graph, layers, crossing);
        return crossing;
    }

    /// <summary>What is cut off from its If would be computed whether its branch is taken or not.</summary>
    private static void ForbidBranches(Graph graph, ImmutableArray<Layer> layers, int[] crossing)
    {
        foreach (var branch in Conditional.BranchesOf(graph))
        {
            var inside = layers.Index().Where(l => l.Item.Outputs.Any(o => o.StartsWith(branch.Prefix, StringComparison.Ordinal)))
                .Select(l => l.Index).ToArray();
            var end = layers.Index().First(l => ReferenceEquals(l.Item.Operation, branch.If)).Index;
            for (var i = inside.DefaultIfEmpty(end).Min() + 1; i <= end; i++) crossing[i] = Never;
        }
    }

    private static NetworkSegment SegmentOf(Graph graph, ImmutableArray<Layer> layers, ImmutableHashSet<string> wanted)
    {
        // The graph's order is one that can be computed in.
        var own = layers.SelectMany(l => l.Nodes).ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        return NetworkSegment.Of(graph, [.. graph.Nodes.Where(own.Contains)], wanted);
    }
}
