using Caliper.Graphs;

namespace Caliper.Fusion.Composites;

/// <summary>A network and the places of its nodes, as the search for composites asks of them.</summary>
internal sealed class OrderedGraph
{
    private readonly Graph _graph;
    private readonly Dictionary<Node, int> _places = new(ReferenceEqualityComparer.Instance);

    public OrderedGraph(Graph graph)
    {
        _graph = graph;
        foreach (var node in graph.Nodes) _places.Add(node, _places.Count);
    }

    public Graph Graph => _graph;

    public Node this[int place] => _graph.Nodes[place];

    public IEnumerable<int> PlacesOfReaders(string value) => _graph.ConsumersOf(value).Select(node => _places[node]);

    public Node? ProducerOf(string value) => _graph.ProducerOf(value);

    /// <summary>Whether a value is computed, and none of the whole numbers that tell shapes and axes.</summary>
    public bool IsActivation(string value) => value.Length > 0 && _graph.Constant(value) is null
        && _graph.Find(value) is not { Type: ElementType.Int64 or ElementType.Int32 };

    public bool IsReadOnlyBy(string value, IReadOnlySet<Node> nodes) =>
        !_graph.IsOutput(value) && _graph.ConsumersOf(value).All(nodes.Contains);

    public Node? OnlyReaderOf(string value) => _graph.HasSingleConsumer(value) && _graph.ConsumersOf(value) is [var reader] ? reader : null;

    /// <summary>A constant that is one number.</summary>
    public float? NumberOf(string value) =>
        _graph.Constant(value) is { Type: ElementType.Float32, Count: 1 } constant ? constant.Span<float>()[0] : null;

    /// <summary>A constant that is a power of two for each channel, as channels are divided by; null of any other.</summary>
    public float[]? FactorsOf(string value) => _graph.Constant(value) is { Type: ElementType.Float32, Count: > 1 } constant
        && constant.Span<float>().ToArray() is var factors && factors.All(float.IsPow2) ? factors : null;
}
