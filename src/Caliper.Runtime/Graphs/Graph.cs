using System.Collections.Immutable;

namespace Caliper.Graphs;

/// <summary>
/// A network with the semantics of an ONNX graph, immutable. Nodes are in topological order, every name is produced once,
/// and every value read exists; the constructor checks all three.
/// </summary>
public sealed class Graph
{
    // Plain tables: a graph is rewritten a dozen times before anybody asks it much, and a frozen table takes longer to make than all its answers.
    private readonly Dictionary<string, int> _producers;
    private readonly Dictionary<string, ImmutableArray<Node>> _consumers;
    private readonly Dictionary<string, Tensor> _constants;
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
        _constants = new(initializers, StringComparer.Ordinal);
        var fed = inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        Nodes = TopologicalOrder.Of(nodes, name => _constants.ContainsKey(name) || fed.Contains(name), out _producers);
        _consumers = ConsumersIn(Nodes);
        _outputNames = outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        foreach (var output in outputs)
        {
            if (!_producers.ContainsKey(output.Name) && !_constants.ContainsKey(output.Name) && !fed.Contains(output.Name))
                throw new CaliperException($"The graph output '{output.Name}' is produced by no node.");
        }
        _values = ValuesOf(intermediates ?? []);
    }

    /// <summary>The same nodes and constants, of whose values something else is known.</summary>
    private Graph(Graph other, ImmutableArray<Value> inputs, ImmutableArray<Value> outputs, IEnumerable<Value> intermediates)
    {
        (Name, Nodes, Initializers, Inputs, Outputs) = (other.Name, other.Nodes, other.Initializers, inputs, outputs);
        (_producers, _consumers, _constants, _outputNames) = (other._producers, other._consumers, other._constants, other._outputNames);
        _values = ValuesOf(intermediates);
    }

    /// <summary>The same nodes, of whose constants some are others.</summary>
    private Graph(Graph other, IReadOnlyDictionary<string, Tensor> changed, Graph known)
    {
        (Name, Nodes, Inputs, Outputs) = (other.Name, other.Nodes, known.Inputs, known.Outputs);
        (_producers, _consumers, _outputNames) = (other._producers, other._consumers, other._outputNames);
        Initializers = other.Initializers.SetItems(changed);
        _constants = new(other._constants, StringComparer.Ordinal);
        foreach (var (name, tensor) in changed) _constants[name] = tensor;
        _values = ValuesOf(known._values.Values);
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
    public ImmutableArray<Value> Intermediates => field.IsDefault
        ? field = [.. _values.Values.Where(v => IsBetween(v.Name)).OrderBy(v => v.Name, StringComparer.Ordinal)] : field;

    /// <summary>The node that produces a value, or null for an input or an initializer.</summary>
    public Node? ProducerOf(string value) => _producers.TryGetValue(value, out var place) ? Nodes[place] : null;

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
        ?? (_constants.TryGetValue(value, out var tensor) ? new Value(value, tensor.Type, tensor.Shape) : null);

    /// <summary>The constant of that name, or null.</summary>
    public Tensor? Constant(string value) => _constants.GetValueOrDefault(value);

    private bool IsUsed(string constant) => _consumers.ContainsKey(constant) || _outputNames.Contains(constant);

    private bool IsBetween(string value) => _producers.ContainsKey(value) && !_outputNames.Contains(value);

    private Dictionary<string, Value> ValuesOf(IEnumerable<Value> intermediates)
    {
        var values = new Dictionary<string, Value>(_producers.Count, StringComparer.Ordinal);
        foreach (var value in intermediates) if (IsBetween(value.Name)) values.TryAdd(value.Name, value);
        foreach (var value in Inputs) values.TryAdd(value.Name, value);
        foreach (var value in Outputs) values.TryAdd(value.Name, value);
        return values;
    }

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
        var (newInputs, newOutputs) = (inputs ?? Inputs, outputs is { IsDefault: false } given ? given : Outputs);
        var isRewritten = nodes is not null || initializers is not null || inputs is null && outputs is null && intermediates is null;
        if (!isRewritten && AreAlike(newInputs, Inputs) && AreAlike(newOutputs, Outputs) && _constants.Keys.All(IsUsed))
            return new Graph(this, newInputs, newOutputs, intermediates ?? _values.Values);
        var newNodes = (nodes ?? Nodes).ToImmutableArray();
        var used = newNodes.SelectMany(n => n.Reads()).Concat(newOutputs.Select(o => o.Name)).ToHashSet(StringComparer.Ordinal);
        var kept = initializers ?? Initializers;
        kept = kept.RemoveRange(kept.Keys.Where(name => !used.Contains(name)));
        return new Graph(Name, newInputs, newOutputs, newNodes, kept, intermediates ?? _values.Values);
    }

    /// <summary>The same graph with other constants under the same names, and what another graph knows of its values.</summary>
    /// <param name="constants">The other constants.</param>
    /// <param name="known">A graph of the same inputs and outputs.</param>
    internal Graph WithConstants(IReadOnlyDictionary<string, Tensor> constants, Graph known) => new(this, constants, known);

    /// <summary>Whether another graph has the very same nodes and constants, and inputs and outputs of the same names.</summary>
    internal bool HasPartsOf(Graph other) => Nodes.Equals(other.Nodes) && ReferenceEquals(Initializers, other.Initializers)
        && AreAlike(Inputs, other.Inputs) && AreAlike(Outputs, other.Outputs);

    private static bool AreAlike(ImmutableArray<Value> values, ImmutableArray<Value> others) =>
        !values.IsDefault && values.Select(v => v.Name).SequenceEqual(others.Select(v => v.Name), StringComparer.Ordinal);
}
