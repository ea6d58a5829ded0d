using Caliper.Graphs;

namespace Caliper.Analysis;

/// <summary>
/// Where errors are measured. The deployed network shows every int8 tensor as floats. In the local network each int8 layer
/// stands beside the float network and is fed with the float network's values, so that what it gives is wrong by its own
/// fault alone.
/// </summary>
internal static class AnalysisGraphs
{
    private const string Int8 = "int8/", Given = "given/", DeployedPrefix = "deployed/", LocalPrefix = "local/";

    /// <summary>The deployed floats of a value.</summary>
    public static string Deployed(Int8Tensor tensor) => DeployedPrefix + tensor.Value;

    /// <summary>What the layer gives when it is fed with float values.</summary>
    public static string Local(Int8Tensor tensor) => LocalPrefix + tensor.Value;

    /// <summary>The int8 network with every matched tensor as a further output.</summary>
    public static Model DeployedOf(Model int8, IReadOnlyCollection<Int8Tensor> tensors)
    {
        var graph = int8.Graph;
        var shown = tensors.Select(t => Dequantize(Deployed(t), t.Name, t, ""));
        return int8 with { Graph = graph.With(nodes: [.. graph.Nodes, .. shown], outputs: [.. graph.Outputs, .. tensors.Select(t => Floats(Deployed(t)))]) };
    }

    /// <summary>The float network with its matched values as outputs, and each int8 layer beside it.</summary>
    public static Model LocalOf(Model reference, Model int8, IReadOnlyCollection<Int8Tensor> tensors)
    {
        var (floats, integers) = (reference.Graph, int8.Graph);
        var inputs = floats.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var cut = tensors.ToDictionary(t => t.Name, StringComparer.Ordinal);
        var made = tensors.Where(t => !t.IsInput).ToArray();
        var nodes = floats.Nodes.ToList();
        foreach (var tensor in tensors)
            nodes.Add(new Node(Given + tensor.Value, "QuantizeLinear", [tensor.Value, Int8 + tensor.Scale, Int8 + tensor.ZeroPoint], [Given + tensor.Name]));
        foreach (var node in NeededFor(integers, made.Select(t => t.Name), cut.Keys))
        {
            if (node.Attributes.Values.Any(a => a is AttributeValue.Subgraph))
                throw new CaliperException($"The node '{node.Name}' of the int8 model holds a network of its own, which cannot be compared.");
            nodes.Add(node with
            {
                Name = Int8 + node.Name,
                Inputs = [.. node.Inputs.Select(i => i.Length == 0 || inputs.Contains(i) ? i : cut.ContainsKey(i) ? Given + i : Int8 + i)],
                Outputs = [.. node.Outputs.Select(o => o.Length == 0 ? o : Int8 + o)],
            });
        }
        nodes.AddRange(made.Select(t => Dequantize(Local(t), Int8 + t.Name, t, Int8)));
        var initializers = floats.Initializers.AddRange(integers.Initializers.Select(i => KeyValuePair.Create(Int8 + i.Key, i.Value)));
        var shown = tensors.Where(t => !t.IsInput && !floats.IsOutput(t.Value)).Select(t => Floats(t.Value)).Concat(made.Select(t => Floats(Local(t))));
        return reference with
        {
            Graph = floats.With(nodes, initializers, outputs: [.. floats.Outputs, .. shown]),
            Opsets = reference.Opsets.SetItems(int8.Opsets),
        };
    }

    /// <summary>The nodes that compute some values, up to where others are cut.</summary>
    private static IEnumerable<Node> NeededFor(Graph graph, IEnumerable<string> values, IEnumerable<string> cuts)
    {
        var known = cuts.ToHashSet(StringComparer.Ordinal);
        var needed = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        var open = new Stack<Node>(values.Select(graph.ProducerOf).OfType<Node>());
        while (open.TryPop(out var node))
        {
            if (!needed.Add(node)) continue;
            foreach (var producer in node.Reads().Where(r => !known.Contains(r)).Select(graph.ProducerOf).OfType<Node>()) open.Push(producer);
        }
        return graph.Nodes.Where(needed.Contains);
    }

    private static Node Dequantize(string output, string integers, Int8Tensor tensor, string prefix) =>
        new(output, "DequantizeLinear", [integers, prefix + tensor.Scale, prefix + tensor.ZeroPoint], [output]);

    private static Value Floats(string name) => new(name, ElementType.Float32, null);
}
