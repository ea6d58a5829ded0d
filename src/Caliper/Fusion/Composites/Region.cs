using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Fusion.Composites;

/// <summary>Nodes that compute of one value alone, and of which nothing but one result is read elsewhere.</summary>
/// <param name="Source">The value.</param>
/// <param name="Nodes">The nodes, in execution order; the last makes the result.</param>
internal sealed record Region(string Source, ImmutableArray<Node> Nodes)
{
    private const int MostNodes = 40;

    public string Result => Nodes[^1].Output;

    /// <summary>The region in which what <paramref name="root"/> makes meets the source again, as <c>x · g(x)</c> does.</summary>
    /// <param name="graph">The network, its nodes in execution order.</param>
    /// <param name="source">What all is computed of.</param>
    /// <param name="root">A node that the source comes through.</param>
    /// <param name="isPart">Whether a node may be part of such a region; what else it reads are constants and whole numbers.</param>
    public static Region? Of(OrderedGraph graph, string source, Node root, Func<Node, bool> isPart)
    {
        var state = new Dictionary<string, Meeting>(StringComparer.Ordinal) { [source] = Meeting.Aside };
        var members = new List<Node>();
        var waiting = new SortedSet<int>(graph.PlacesOfReaders(source));
        while (waiting.Count > 0 && members.Count < MostNodes)
        {
            var node = graph[waiting.Min];
            waiting.Remove(waiting.Min);
            if (!isPart(node) || !node.Inputs.Where(graph.IsActivation).All(state.ContainsKey)) continue;
            members.Add(node);
            state[node.Output] = Merge(node.Inputs.Where(graph.IsActivation).Select(i => state[i]), node == root);
            if (state[node.Output] is Meeting.Met && Closed(graph, members) is { } nodes) return new Region(source, nodes);
            waiting.UnionWith(graph.PlacesOfReaders(node.Output));
        }
        return null;
    }

    /// <summary>The values that a node may be computed of through parts of regions, the nearest first.</summary>
    public static IEnumerable<string> Sources(OrderedGraph graph, Node root, Func<Node, bool> isPart)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        var waiting = new Queue<Node>([root]);
        while (waiting.Count > 0 && seen.Count < MostNodes)
            foreach (var input in waiting.Dequeue().Inputs.Where(i => graph.IsActivation(i) && seen.Add(i)))
            {
                yield return input;
                if (graph.ProducerOf(input) is { } producer && isPart(producer)) waiting.Enqueue(producer);
            }
    }

    /// <summary>With the node after it that alone reads its result, where that is wanted.</summary>
    public Region Extended(OrderedGraph graph, Func<Node, bool> isWanted) =>
        graph.OnlyReaderOf(Result) is { } next && isWanted(next) ? this with { Nodes = Nodes.Add(next) } : this;

    private static Meeting Merge(IEnumerable<Meeting> inputs, bool isRoot)
    {
        var met = inputs.Aggregate(Meeting.None, (all, input) => all | input);
        return isRoot && met is not Meeting.Met ? Meeting.Through : met;
    }

    /// <summary>The members that the last one needs, where nothing else reads what they make.</summary>
    private static ImmutableArray<Node>? Closed(OrderedGraph graph, List<Node> members)
    {
        var needed = new HashSet<Node>(ReferenceEqualityComparer.Instance) { members[^1] };
        var values = members[^1].Inputs.ToHashSet(StringComparer.Ordinal);
        foreach (var node in Enumerable.Reverse(members).Skip(1))
            if (values.Contains(node.Output) && needed.Add(node)) values.UnionWith(node.Inputs);
        var inner = needed.Where(node => node != members[^1]);
        return inner.All(node => graph.IsReadOnlyBy(node.Output, needed)) ? [.. members.Where(needed.Contains)] : null;
    }

    /// <summary>How a value is computed of the source: through the root, beside it, or of both.</summary>
    [Flags]
    private enum Meeting
    {
        None = 0,
        Aside = 1,
        Through = 2,
        Met = Aside | Through,
    }
}
