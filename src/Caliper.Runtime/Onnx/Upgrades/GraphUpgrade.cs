using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Onnx.Schema;
using Google.Protobuf;

namespace Caliper.Onnx.Upgrades;

/// <summary>Says the same with operators one version newer: mostly one node, sometimes several.</summary>
internal delegate IEnumerable<Node> UpgradeRule(Node node, GraphUpgrade graph);

/// <summary>Raises the nodes of one graph, and those of the bodies inside it.</summary>
internal sealed class GraphUpgrade
{
    private readonly Graph _graph;
    private readonly HashSet<string> _names;
    private ImmutableSortedDictionary<string, Tensor> _initializers;

    private GraphUpgrade(Graph graph, HashSet<string> names)
    {
        _graph = ShapeInference.Infer(graph);
        (_initializers, _names) = (graph.Initializers, names);
        names.UnionWith(graph.Nodes.SelectMany(n => n.Outputs.Concat(n.Reads()).Append(n.Name)));
        names.UnionWith(graph.Inputs.Select(i => i.Name).Concat(graph.Initializers.Keys));
    }

    /// <summary>The same graph in another version; itself where nothing changes.</summary>
    public static Graph Raise(Graph graph, long from, long to) =>
        Raise(graph, from, to, new HashSet<string>(StringComparer.Ordinal));

    private static Graph Raise(Graph graph, long from, long to, HashSet<string> names)
    {
        var upgrade = new GraphUpgrade(graph, names);
        IReadOnlyList<Node> nodes = graph.Nodes;
        for (var version = from + 1; version <= to; version++)
        {
            var next = new List<Node>(nodes.Count);
            foreach (var node in nodes)
            {
                if (UpgradeRules.Find(node, version) is { } rule) next.AddRange(rule(node, upgrade));
                else next.Add(node);
            }
            nodes = next;
        }
        nodes = [.. nodes.Select(n => upgrade.RaiseBodies(n, from, to))];
        return nodes.SequenceEqual(graph.Nodes, ReferenceEqualityComparer.Instance)
            ? graph
            : graph.With(nodes: nodes, initializers: upgrade._initializers);
    }

    /// <summary>Type of a value of the graph as it was before; what a rule made in between is not known.</summary>
    public ElementType TypeOf(string value) => _graph.Find(value)?.Type ?? ElementType.Undefined;

    /// <summary>Shape of a value of the graph as it was before.</summary>
    public Shape? ShapeOf(string value) => _graph.Find(value)?.Shape;

    /// <summary>The constant of that name, or null.</summary>
    public Tensor? Constant(string value) => _initializers.GetValueOrDefault(value);

    /// <summary>Whether anything reads an output.</summary>
    public bool IsUsed(string value) => _graph.IsOutput(value) || _graph.ConsumersOf(value).Length > 0;

    /// <summary>Adds a constant.</summary>
    /// <returns>Its name.</returns>
    public string Add(Node node, string role, Tensor value)
    {
        var name = NewName(node, role);
        _initializers = _initializers.Add(name, value);
        return name;
    }

    /// <summary>A name that nothing has yet.</summary>
    public string NewName(Node node, string role)
    {
        var stem = $"{node.Name}/{role}";
        var name = stem;
        for (var i = 2; !_names.Add(name); i++) name = $"{stem}_{i}";
        return name;
    }

    /// <summary>The error that a node has no equal in the newer version.</summary>
    public static CaliperException Cannot(Node node, string why) =>
        new($"The node '{node.Name}' ({node.OpType}) cannot be raised to a newer version of the ONNX operators: {why}. "
            + "Export the model again with a newer opset.");

    private Node RaiseBodies(Node node, long from, long to)
    {
        foreach (var (name, attribute) in node.Attributes)
        {
            if (attribute is AttributeValue.Subgraph body && RaiseBody(body, from, to) is { } raised)
                node = node.With(name, raised);
        }
        return node;
    }

    /// <summary>The raised body, or null where it stays as it is.</summary>
    private AttributeValue.Subgraph? RaiseBody(AttributeValue.Subgraph body, long from, long to)
    {
        var proto = AttributeProto.Parser.ParseFrom(body.Encoded.Span);
        var captured = body.Captured.Select(c => _graph.Find(c) ?? new Value(c, ElementType.Undefined, null)).ToArray();
        var changes = false;
        if (proto.G is not null && RaiseBody(proto.G, captured, from, to) is { } raised) (proto.G, changes) = (raised, true);
        for (var i = 0; i < proto.Graphs.Count; i++)
        {
            if (RaiseBody(proto.Graphs[i], captured, from, to) is { } one) (proto.Graphs[i], changes) = (one, true);
        }
        return changes ? body with { Encoded = proto.ToByteArray() } : null;
    }

    /// <summary>Values of the graph around a body are inputs of it while it is raised, so that their shapes are known.</summary>
    private GraphProto? RaiseBody(GraphProto body, Value[] captured, long from, long to)
    {
        var proto = body.Clone();
        var before = new GraphReader(new ExternalDataReader()).Read(proto, captured);
        var after = Raise(before, from, to, _names);
        if (ReferenceEquals(before, after)) return null;
        ModelWriter.Write(after, proto, TensorWriter.Write);
        foreach (var _ in captured) proto.Input.RemoveAt(proto.Input.Count - 1);
        return proto;
    }
}
