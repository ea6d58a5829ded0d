using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Stages;

/// <summary>Nodes that are planned together, and those after them that decide what comes next.</summary>
/// <param name="Inputs">Names of what the nodes read from before.</param>
/// <param name="Outputs">Names of what is read of them later.</param>
/// <param name="Nodes">The nodes.</param>
/// <param name="Junctions">What comes after them.</param>
internal sealed record Stage(string[] Inputs, string[] Outputs, Node[] Nodes, Node[] Junctions)
{
    /// <summary>Whether what follows a node depends on the numbers that it is given, so that no plan can hold both.</summary>
    public static bool IsJunction(Node node) => OperatorCatalogue.Find(node) is { EndsPlan: true };

    /// <summary>Cuts a graph: a stage has what can be computed without a further junction.</summary>
    public static Stage[] Cut(Graph graph)
    {
        var levels = new Dictionary<string, int>(StringComparer.Ordinal);
        var nodes = new Dictionary<Node, int>(ReferenceEqualityComparer.Instance);
        foreach (var node in graph.Nodes)
        {
            var level = nodes[node] = node.Reads().Select(r => levels.GetValueOrDefault(r)).DefaultIfEmpty().Max();
            foreach (var output in node.Outputs.Where(o => o.Length > 0)) levels[output] = IsJunction(node) ? level + 1 : level;
        }
        return [.. Enumerable.Range(0, nodes.Values.Max() + 1).Select(Of)];

        Stage Of(int level)
        {
            var here = graph.Nodes.Where(n => nodes[n] == level).ToArray();
            Node[] computed = [.. here.Where(n => !IsJunction(n))];
            var made = computed.SelectMany(n => n.Outputs).Where(o => o.Length > 0).ToHashSet(StringComparer.Ordinal);
            var readLater = graph.Nodes.Where(n => IsJunction(n) || nodes[n] > level).SelectMany(n => n.Reads()).ToHashSet(StringComparer.Ordinal);
            var read = computed.SelectMany(n => n.Reads()).Distinct().Where(r => !made.Contains(r) && !graph.Initializers.ContainsKey(r));
            return new([.. read], [.. made.Where(m => readLater.Contains(m) || graph.IsOutput(m)).Order(StringComparer.Ordinal)], computed,
                [.. here.Where(IsJunction)]);
        }
    }
}
