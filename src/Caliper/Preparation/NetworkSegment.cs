using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>Some neighbouring nodes of a network.</summary>
/// <param name="Nodes">The nodes.</param>
/// <param name="Reads">Values that they read and others make, or that are inputs of the network.</param>
/// <param name="Makes">Values that they make and others read, or that are outputs of the network.</param>
internal sealed record NetworkSegment(ImmutableArray<Node> Nodes, ImmutableArray<string> Reads, ImmutableArray<string> Makes)
{
    /// <summary>Those of the latter that the network is asked for.</summary>
    public required ImmutableHashSet<string> Asked { get; init; }

    /// <summary>The segment of some nodes.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="nodes">Some of its nodes, in its order.</param>
    /// <param name="wanted">Values inside of it that are asked for as its outputs are.</param>
    public static NetworkSegment Of(Graph graph, ImmutableArray<Node> nodes, ImmutableHashSet<string> wanted)
    {
        var own = nodes.ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        var made = nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).ToHashSet(StringComparer.Ordinal);
        return new NetworkSegment(nodes,
            [.. nodes.SelectMany(n => n.Reads()).Where(r => !made.Contains(r) && graph.Constant(r) is null).Distinct()],
            [.. made.Where(m => IsAsked(m) || graph.ConsumersOf(m).Any(n => !own.Contains(n)))])
        {
            Asked = [.. made.Where(IsAsked)],
        };

        bool IsAsked(string value) => graph.IsOutput(value) || wanted.Contains(value);
    }

    /// <summary>It as a network of its own. Shapes stay open: sizes may differ from sample to sample.</summary>
    /// <param name="graph">The network that it is part of.</param>
    /// <param name="fed">What it is fed, which tells types.</param>
    public Graph Alone(Graph graph, IReadOnlyDictionary<string, Tensor> fed) => graph.With(Nodes,
        inputs: [.. InputsOf(fed)], outputs: [.. Makes.Select(made => OutputOf(graph, made))], intermediates: []);

    /// <summary>What it is fed, as inputs of a network.</summary>
    public static IEnumerable<Value> InputsOf(IReadOnlyDictionary<string, Tensor> fed) =>
        fed.Select(f => new Value(f.Key, f.Value.Type, null));

    /// <summary>What it makes, as an output of a network.</summary>
    public static Value OutputOf(Graph graph, string made) => graph.Find(made) ?? new Value(made, ElementType.Float32, null);
}
