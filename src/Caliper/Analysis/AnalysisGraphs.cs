using Caliper.Analysis.Matching;
using Caliper.Graphs;

namespace Caliper.Analysis;

/// <summary>
/// Where errors are measured. The deployed network shows every int8 tensor. In the local network each int8 layer stands alone and is
/// fed with what the float network has, rounded, so that what it gives is wrong by its own fault only.
/// </summary>
internal static class AnalysisGraphs
{
    private const string GivenPrefix = "given/";

    /// <summary>The input of the local network that stands for a tensor.</summary>
    public static string Given(Int8Tensor tensor) => GivenPrefix + tensor.Name;

    /// <summary>The int8 network with every matched tensor as a further output.</summary>
    public static Model DeployedOf(Model int8, IEnumerable<Int8Tensor> tensors)
    {
        var graph = int8.Graph;
        var added = tensors.Where(t => !graph.IsOutput(t.Name)).Select(t => Integers(t.Name, t));
        return int8 with { Graph = graph.With(outputs: [.. graph.Outputs, .. added]) };
    }

    /// <summary>The int8 layers beside each other: every matched tensor is an input as given, and an output as made from those.</summary>
    /// <returns>Null where nothing is made: the network's inputs are all that is int8.</returns>
    /// <exception cref="CaliperException">A layer holds a network of its own that reads integers.</exception>
    public static Model? LocalOf(Model int8, IReadOnlyCollection<Int8Tensor> tensors)
    {
        var graph = int8.Graph;
        var cut = tensors.Select(t => t.Name).ToHashSet(StringComparer.Ordinal);
        var made = tensors.Where(t => !t.IsInput).ToArray();
        if (made.Length == 0) return null;
        var nodes = new List<Node>();
        foreach (var node in NeededFor(graph, made.Select(t => t.Name), cut))
        {
            // What it reads by name from outside is as good as an input, but for a name that means something else here.
            if (node.Attributes.Values.OfType<AttributeValue.Subgraph>().Any(body => body.Captured.Any(cut.Contains)))
                throw new CaliperException($"The node '{node.Name}' of the int8 model holds a network of its own that reads integers, "
                    + "which cannot be compared.");
            nodes.Add(node with { Inputs = [.. node.Inputs.Select(i => cut.Contains(i) ? GivenPrefix + i : i)] });
        }
        var read = nodes.SelectMany(n => n.Reads()).ToHashSet(StringComparer.Ordinal);
        var inputs = graph.Inputs.Where(i => read.Contains(i.Name))
            .Concat(tensors.Where(t => read.Contains(Given(t))).Select(t => Integers(Given(t), t)));
        return int8 with { Graph = graph.With(nodes, inputs: [.. inputs], outputs: [.. made.Select(t => Integers(t.Name, t))], intermediates: []) };
    }

    /// <summary>The nodes that compute some values, up to where others are cut.</summary>
    private static IEnumerable<Node> NeededFor(Graph graph, IEnumerable<string> values, HashSet<string> cut)
    {
        var needed = new HashSet<Node>(ReferenceEqualityComparer.Instance);
        var open = new Stack<Node>(values.Select(graph.ProducerOf).OfType<Node>());
        while (open.TryPop(out var node))
        {
            if (!needed.Add(node)) continue;
            foreach (var producer in node.Reads().Where(r => !cut.Contains(r)).Select(graph.ProducerOf).OfType<Node>()) open.Push(producer);
        }
        return graph.Nodes.Where(needed.Contains);
    }

    private static Value Integers(string name, Int8Tensor tensor) => new(name, tensor.Parameters.Type.Storage, null);
}
