using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Caliper.Operators;
using static Caliper.Onnx.Schema.AttributeProto.Types;

namespace Caliper.Onnx;

/// <summary>
/// Makes Ifs of <see cref="Conditional"/> nodes: what only one branch needs is computed in its body, and so only where it is taken. A value
/// of a branch that somebody wants to see is a further result of the If; the other branch gives a tensor without elements for it.
/// </summary>
internal sealed class BranchNesting
{
    private readonly Graph _graph;
    private readonly BranchRegions _regions;
    private readonly ILookup<BranchRegion, Node> _nodes;
    private readonly ILookup<BranchRegion, KeyValuePair<string, Tensor>> _constants;

    /// <summary>Values of a branch that are outputs of the graph, and where they are made.</summary>
    private readonly Dictionary<string, BranchRegion> _shown = new(StringComparer.Ordinal);

    private BranchNesting(Graph graph)
    {
        (_graph, _regions) = (graph, new BranchRegions(graph));
        _nodes = graph.Nodes.ToLookup(_regions.Of);
        _constants = graph.Initializers.ToLookup(i => _regions.OfConstant(i.Key));
        foreach (var output in graph.Outputs)
            if (graph.ProducerOf(output.Name) is { } producer && _regions.Of(producer) is { Parent: not null } region) _shown[output.Name] = region;
    }

    /// <summary>The same network, as a file can hold it; itself where it has no such node.</summary>
    public static Model Apply(Model model) =>
        model.Graph.Nodes.Any(Conditional.Is) ? model with { Graph = new BranchNesting(model.Graph).Result() } : model;

    private Graph Result() => _graph.With(NodesOf(BranchRegion.Root), ConstantsOf(BranchRegion.Root), outputs: [.. _graph.Outputs.Select(o =>
        // The other branch gives another shape.
        _shown.ContainsKey(o.Name) ? o with { Shape = null, Uninterpreted = default } : o)]);

    private ImmutableSortedDictionary<string, Tensor> ConstantsOf(BranchRegion region)
    {
        var copies = from node in _nodes[region]
                     from input in node.Inputs.Distinct()
                     where IsCopied(region, node, input)
                     select KeyValuePair.Create(CopyOf(region, input), _graph.Constant(input)!);
        return _constants[region].Concat(copies).DistinctBy(c => c.Key).ToImmutableSortedDictionary(StringComparer.Ordinal);
    }

    /// <summary>Whether a branch needs weights of its own: others read them too, and ONNX Runtime looks for a product's weights in its body
    /// alone.</summary>
    private bool IsCopied(BranchRegion region, Node reader, string input) => region.Parent is not null && reader.Is("DequantizeLinear")
        && _graph.Constant(input) is not null && !_regions.OfConstant(input).Equals(region);

    private static string CopyOf(BranchRegion region, string constant) => $"{constant}/{region.If!.Name}/{region.Word}";

    private IEnumerable<Node> NodesOf(BranchRegion region) => _nodes[region].Select(n =>
    {
        var inputs = n.Inputs.Select(i => IsCopied(region, n, i) ? CopyOf(region, i) : Inner(i));
        var named = n with { Inputs = [.. inputs], Outputs = [.. n.Outputs.Select(Inner)] };
        return Conditional.Is(n) ? Nested(n, named, region) : named;
    });

    private Node Nested(Node node, Node named, BranchRegion region)
    {
        var (then, otherwise) = (new BranchRegion(region, node, true), new BranchRegion(region, node, false));
        var shown = _shown.Where(s => then.Contains(s.Value) || otherwise.Contains(s.Value)).OrderBy(s => s.Key, StringComparer.Ordinal).ToArray();
        return new Node(node.Name, "If", [named.Inputs[0]], [.. named.Outputs, .. shown.Select(s => NameAt(s.Key, region.Depth))])
        { Documentation = node.Documentation, Uninterpreted = node.Uninterpreted }
            .With("then_branch", Body(node, named, then, shown)).With("else_branch", Body(node, named, otherwise, shown));
    }

    private AttributeValue.Subgraph Body(Node node, Node named, BranchRegion region, KeyValuePair<string, BranchRegion>[] shown)
    {
        var nodes = NodesOf(region).ToList();
        var made = nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).ToHashSet(StringComparer.Ordinal);
        var taken = shown.Select(s => NameAt(s.Key, region.Depth)).ToHashSet(StringComparer.Ordinal);
        var results = new List<Value>();
        foreach (var (original, result) in new Conditional(node).Arm(region.IsThen).Zip(new Conditional(named).Arm(region.IsThen)))
        {
            // A body returns what it makes itself, each value once.
            var name = result;
            if (!made.Contains(result) || !taken.Add(result))
                nodes.Add(new Node($"{node.Name}/{region.Word}/result{results.Count}", "Identity", [result],
                    [name = $"{node.Name}/{region.Word}/result{results.Count}"]));
            results.Add(new Value(name, TypeOf(original), null));
        }
        foreach (var (value, place) in shown)
        {
            var name = NameAt(value, region.Depth);
            if (!region.Contains(place)) nodes.Add(Empty(value, name = $"{name}/none"));
            results.Add(new Value(name, TypeOf(value), null));
        }
        return Encoded(node, region, nodes, results);
    }

    private AttributeValue.Subgraph Encoded(Node node, BranchRegion region, List<Node> nodes, List<Value> results)
    {
        var constants = ConstantsOf(region);
        var made = nodes.SelectMany(n => n.Outputs).Concat(constants.Keys).ToHashSet(StringComparer.Ordinal);
        var captured = nodes.SelectMany(n => n.Reads()).Where(r => !made.Contains(r)).Distinct().ToArray();
        var body = new Graph($"{node.Name}/{region.Word}", [.. captured.Select(c => new Value(c, ElementType.Undefined, null))], [.. results], nodes,
            constants);
        var proto = new GraphProto();
        ModelWriter.Write(body, proto, TensorWriter.Write);
        proto.Input.Clear();
        return (AttributeValue.Subgraph)AttributeFormat.Read(new AttributeProto { Type = AttributeType.Graph, G = proto }, new ExternalDataReader());
    }

    /// <summary>What stands for a value of the branch that was not taken.</summary>
    private Node Empty(string value, string name)
    {
        var shape = _graph.Find(value)?.Shape is { Rank: > 0 } known
            ? new Shape([0, .. known.Dimensions.Skip(1).Select(d => d.IsKnown ? d : 1)]) : Shape.Of(0);
        var none = new Tensor(TypeOf(value), shape, Array.Empty<byte>());
        return new Node(name, "Constant", [], [name]).With("value", new AttributeValue.TensorValue(none));
    }

    private ElementType TypeOf(string value) => _graph.Constant(value)?.Type ?? _graph.Find(value)?.Type ?? ElementType.Undefined;

    /// <summary>What a value is called where it is made: outside, the If that shows it has its name.</summary>
    private string Inner(string value) => _shown.TryGetValue(value, out var region) ? NameAt(value, region.Depth) : value;

    private static string NameAt(string value, int depth) => depth == 0 ? value : $"{value}/seen{depth}";
}
