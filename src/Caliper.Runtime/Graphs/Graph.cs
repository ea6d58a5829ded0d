using System.Collections.Immutable;

namespace Caliper.Graphs;

/// <summary>
/// A network with the semantics of an ONNX graph, immutable. Nodes are in topological order, every name is produced once,
/// and every value read exists; the constructor checks all three.
/// </summary>
public sealed class Graph
{
    // Plain tables: a graph is rewritten a dozen times before anybody asks it much, and a frozen table takes longer to make than all its answers.
    private readonly Dictionary<string, Node> _producers;
    private readonly Dictionary<string, ImmutableArray<Node>> _consumers;
    private readonly Dictionary<string, Value> _values;
    private readonly HashSet<string> _outputNames;

    /// <summary>Creates a graph, putting its nodes in topological order (stable: an ordered list keeps its order).</summary>
    /// <exception cref="CaliperException">A cycle, a name produced twice, or a value read that nothing produces.</exception>
    public Graph(
        string name,
        ImmutableArray<Value> inputs,
        ImmutableArray<Value> outputs,
        IEnumerable<Node> nodes,
        ImmutableSortedDictionary<string, Tensor> initializers,
        IEnumerable<Value>? intermediates = null)
    {
        ArgumentNullException.ThrowIfNull(nodes);
        ArgumentNullException.ThrowIfNull(initializers);
        (inputs, outputs) = (inputs.IsDefault ? [] : inputs, outputs.IsDefault ? [] : outputs);
        (Name, Inputs, Outputs, Initializers) = (name, inputs, outputs, initializers);
        Nodes = TopologicalOrder.Of(nodes, inputs.Select(i => i.Name).Concat(initializers.Keys));
        _producers = Nodes.SelectMany(n => n.Outputs.Where(o => o.Length > 0).Select(o => (o, n)))
            .ToDictionary(p => p.o, p => p.n, StringComparer.Ordinal);
        _consumers = ConsumersIn(Nodes);
        _outputNames = outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var output in outputs)
        {
            if (!_producers.ContainsKey(output.Name) && !initializers.ContainsKey(output.Name)
                && !inputs.Any(i => i.Name == output.Name))
                throw new CaliperException($"The graph output '{output.Name}' is produced by no node.");
        }
        Intermediates = [.. (intermediates ?? []).Where(v => _producers.ContainsKey(v.Name) && !_outputNames.Contains(v.Name))
            .DistinctBy(v => v.Name).OrderBy(v => v.Name, StringComparer.Ordinal)];
        _values = Intermediates.Concat(inputs).Concat(outputs).DistinctBy(v => v.Name)
            .ToDictionary(v => v.Name, StringComparer.Ordinal);
    }

    /// <summary>The graph's own name.</summary>
    public string Name { get; }

    /// <summary>What a caller feeds, weights excluded.</summary>
    public ImmutableArray<Value> Inputs { get; }

    /// <summary>What a caller gets.</summary>
    public ImmutableArray<Value> Outputs { get; }

    /// <summary>The operations, each after those it reads from.</summary>
    public ImmutableArray<Node> Nodes { get; }

    /// <summary>Weights and other constants by name, sorted.</summary>
    public ImmutableSortedDictionary<string, Tensor> Initializers { get; }

    /// <summary>What is known of values between nodes, sorted by name.</summary>
    public ImmutableArray<Value> Intermediates { get; }

    /// <summary>The node that produces a value, or null for an input or an initializer.</summary>
    public Node? ProducerOf(string value) => _producers.GetValueOrDefault(value);

    /// <summary>The nodes that read a value, also from inside their subgraphs, in graph order.</summary>
    public ImmutableArray<Node> ConsumersOf(string value) => _consumers.TryGetValue(value, out var nodes) ? nodes : [];

    /// <summary>Whether a value is an output of the graph.</summary>
    public bool IsOutput(string value) => _outputNames.Contains(value);

    /// <summary>Whether a value has exactly one reader and is not itself an output.</summary>
    public bool HasSingleConsumer(string value) =>
        !IsOutput(value) && ConsumersOf(value) is [var only] && only.Reads().Count(r => r == value) == 1;

    /// <summary>What is known of a value; initializers included.</summary>
    public Value? Find(string value) =>
        _values.GetValueOrDefault(value)
        ?? (Initializers.TryGetValue(value, out var tensor) ? new Value(value, tensor.Type, tensor.Shape) : null);

    /// <summary>The constant of that name, or null.</summary>
    public Tensor? Constant(string value) => Initializers.GetValueOrDefault(value);

    private static Dictionary<string, ImmutableArray<Node>> ConsumersIn(ImmutableArray<Node> nodes)
    {
        var consumers = new Dictionary<string, List<Node>>(nodes.Length * 2, StringComparer.Ordinal);
        foreach (var node in nodes)
        {
            foreach (var read in node.Reads())
            {
                if (!consumers.TryGetValue(read, out var known)) consumers[read] = known = new(1);
                // Nodes come in order, so that one that reads a value twice was the last to be entered.
                if (known.Count == 0 || !ReferenceEquals(known[^1], node)) known.Add(node);
            }
        }
        return consumers.ToDictionary(c => c.Key, c => c.Value.ToImmutableArray(), StringComparer.Ordinal);
    }

    /// <summary>The same graph with parts replaced; initializers that nothing reads any more are dropped.</summary>
    public Graph With(
        IEnumerable<Node>? nodes = null,
        ImmutableSortedDictionary<string, Tensor>? initializers = null,
        ImmutableArray<Value>? inputs = null,
        ImmutableArray<Value>? outputs = null,
        IEnumerable<Value>? intermediates = null)
    {
        var newNodes = (nodes ?? Nodes).ToImmutableArray();
        var newOutputs = outputs is { IsDefault: false } given ? given : Outputs;
        var used = newNodes.SelectMany(n => n.Reads()).Concat(newOutputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
        var kept = initializers ?? Initializers;
        kept = kept.RemoveRange(kept.Keys.Where(name => !used.Contains(name)));
        return new Graph(Name, inputs ?? Inputs, newOutputs, newNodes, kept, intermediates ?? Intermediates);
    }
}
