using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>
/// What exporters write so that it fits any type or any number of tensors, in a network's plain operators: CastLike, whose types are known here,
/// and sequences that are put together and taken apart within the graph. PyTorch's exporter of opset 18 writes both.
/// </summary>
internal static class PlainOperators
{
    /// <param name="graph">Its types and shapes are worked out.</param>
    public static Graph Apply(Graph graph)
    {
        var rewrite = new GraphRewrite(graph);
        var isChanged = false;
        foreach (var node in graph.Nodes)
        {
            if (PlainFormOf(node, graph, rewrite) is not { } plain) continue;
            rewrite.Replace(node, plain);
            isChanged = true;
        }
        return isChanged ? rewrite.Finish() : graph;
    }

    private static Node? PlainFormOf(Node node, Graph graph, GraphRewrite rewrite) => (node.Domain, node.OpType) switch
    {
        ("", "CastLike") => Cast(node, graph),
        ("", "ConcatFromSequence") => Concat(node, graph, rewrite),
        ("", "SequenceAt") => Element(node, graph),
        ("", "SplitToSequence") => Split(node, graph),
        _ => null,
    };

    private static Node? Cast(Node node, Graph graph)
    {
        var (from, to) = (TypeOf(graph, node.Input(0)), TypeOf(graph, node.Input(1)));
        return to == ElementType.Undefined ? null : from == to ? Identity(node, node.Input(0))
            : new Node(node.Name, "Cast", [node.Input(0)], node.Outputs).With("to", (long)to);
    }

    private static Node? Concat(Node node, Graph graph, GraphRewrite rewrite)
    {
        if (ElementsOf(node.Input(0), graph) is not { } elements) return null;
        var axis = node.Int("axis", 0);
        if (node.Int("new_axis", 0) == 0) return new Node(node.Name, "Concat", [.. elements], node.Outputs).With("axis", axis);
        var axes = rewrite.AddInitializer(node.Name + ".axes", Tensor.Vector(axis));
        var stacked = elements.Select((element, i) =>
        {
            var name = rewrite.FreeName($"{node.Name}.{i}");
            rewrite.InsertBefore(node, new Node(name, "Unsqueeze", [element, axes], [name]));
            return name;
        }).ToArray();
        return new Node(node.Name, "Concat", [.. stacked], node.Outputs).With("axis", axis);
    }

    private static Node? Element(Node node, Graph graph) => ElementsOf(node.Input(0), graph) is not { } elements ? null
        : IndexOf(node, graph, elements.Count) is { } index ? Identity(node, elements[index]) : null;

    /// <summary>Where all that is read of a split's parts is one part each.</summary>
    private static Node? Split(Node node, Graph graph) => PartsOf(node, graph) is not { } parts ? null
        : new Node(node.Name, "Split", node.Inputs, [.. parts]).With("axis", node.Int("axis", 0));

    /// <summary>The names of a sequence's tensors; null where they are not known.</summary>
    private static IReadOnlyList<string>? ElementsOf(string sequence, Graph graph) => graph.ProducerOf(sequence) switch
    {
        { Domain: "", OpType: "SequenceConstruct" } made => made.Inputs,
        { Domain: "", OpType: "SplitToSequence" } split => PartsOf(split, graph),
        _ => null,
    };

    private static string[]? PartsOf(Node split, Graph graph)
    {
        if (graph.Constant(split.Input(1)) is not { Type: ElementType.Int64, Shape.Rank: 1, Count: var count }) return null;
        var isTakenApart = !graph.IsOutput(split.Output) && graph.ConsumersOf(split.Output).All(IsPlain);
        return isTakenApart ? [.. Enumerable.Range(0, count).Select(i => $"{split.Output}.{i}")] : null;

        bool IsPlain(Node reader) => reader.Is("ConcatFromSequence") || (reader.Is("SequenceAt") && IndexOf(reader, graph, count) is not null);
    }

    private static int? IndexOf(Node at, Graph graph, int count)
    {
        long? position = graph.Constant(at.Input(1)) switch
        {
            { Type: ElementType.Int64, Count: 1 } wide => wide.Span<long>()[0],
            { Type: ElementType.Int32, Count: 1 } narrow => narrow.Span<int>()[0],
            _ => null,
        };
        return position is { } p && p >= -count && p < count ? (int)(p < 0 ? p + count : p) : null;
    }

    private static Node Identity(Node node, string value) => new(node.Name, "Identity", [value], node.Outputs);

    private static ElementType TypeOf(Graph graph, string name) => graph.Constant(name)?.Type ?? graph.Find(name)?.Type ?? ElementType.Undefined;
}
