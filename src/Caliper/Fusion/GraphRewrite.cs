using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>Collects the changes of one rewrite, then makes the new graph.</summary>
internal sealed class GraphRewrite(Graph graph)
{
    private readonly List<Node> _nodes = [.. graph.Nodes];
    private readonly Dictionary<string, string> _renames = new(StringComparer.Ordinal);
    private readonly HashSet<string> _named = new(StringComparer.Ordinal);
    private ImmutableSortedDictionary<string, Tensor> _initializers = graph.Initializers;

    public void Replace(Node old, Node replacement) => _nodes[_nodes.IndexOf(old)] = replacement;

    public void Remove(Node node) => _nodes.Remove(node);

    /// <summary>Removes a node that passes its input through; its readers read the input.</summary>
    public void Bypass(Node node)
    {
        Remove(node);
        _renames[node.Output] = node.Inputs[0];
    }

    /// <summary>Adds a constant under a name of its own and returns that name.</summary>
    public string AddInitializer(string wanted, Tensor tensor)
    {
        var name = FreeName(wanted);
        _initializers = _initializers.Add(name, tensor);
        return name;
    }

    /// <summary>A name that no value has, nor will: it is given once.</summary>
    public string FreeName(string wanted)
    {
        var name = wanted;
        for (var i = 2; IsTaken(name); i++) name = $"{wanted}_{i}";
        _named.Add(name);
        return name;

        bool IsTaken(string value) => _named.Contains(value) || _initializers.ContainsKey(value) || graph.ProducerOf(value) is not null
            || graph.Find(value) is not null;
    }

    /// <summary>Replaces a constant, under the same name where only <paramref name="reader"/> reads it.</summary>
    public string ReplaceInitializer(string name, Tensor tensor, Node reader)
    {
        if (graph.IsOutput(name) || graph.ConsumersOf(name) is not [var only] || only != reader)
            return AddInitializer(reader.Name + "." + name, tensor);
        _initializers = _initializers.SetItem(name, tensor);
        return name;
    }

    /// <summary>Adds a node before one that reads what it makes.</summary>
    public void InsertBefore(Node reader, Node added) => _nodes.Insert(_nodes.IndexOf(reader), added);

    public Graph Finish() => Finish([]);

    /// <summary>The new graph.</summary>
    /// <param name="values">What is known of the values that added nodes make.</param>
    public Graph Finish(IReadOnlyCollection<Value> values)
    {
        var nodes = _renames.Count == 0 ? _nodes : _nodes.ConvertAll(node => node with { Inputs = [.. node.Inputs.Select(Final)] });
        return graph.With(nodes, _initializers, intermediates: values.Count == 0 ? null : graph.Intermediates.Concat(values));
    }

    private string Final(string name)
    {
        while (_renames.TryGetValue(name, out var target)) name = target;
        return name;
    }
}
