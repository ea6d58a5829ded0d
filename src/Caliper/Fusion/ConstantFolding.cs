using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;

namespace Caliper.Fusion;

/// <summary>
/// Computes once what depends on constants and known shapes alone, so that paddings, slices and reshapes that
/// an exporter spelled out as small computations become plain constants, and weights that are transposed or put together
/// in the graph become weights. The backend itself computes them, so that every operator is covered and none is written
/// twice. What a node would make is known before it is computed, and what is too large (<see cref="FoldingBudget"/>) stays
/// a computation; its neighbours do not suffer for it.
/// </summary>
internal static class ConstantFolding
{
    public static Model Apply(Model model, ExecutionOptions options)
    {
        var budget = new FoldingBudget();
        // Each round makes constants whose values tell shapes to the next one, and fits in memory on its own.
        for (var graph = Known(model.Graph); ; graph = Known(graph))
        {
            var round = budget.Round(graph);
            var foldable = new List<Node>();
            foreach (var node in graph.Nodes.Where(CanFold))
                if (round.Takes(node)) foldable.Add(node);
            var folded = foldable.ToHashSet();
            if (KeepWhatIsTooLarge(graph, folded, round) is not { Length: > 0 } needed) return model with { Graph = graph };
            var results = Compute(model, graph, foldable, needed, options);
            graph = graph.With(graph.Nodes.Where(n => !folded.Contains(n)), graph.Initializers.SetItems(results));
        }
    }

    private static Graph Known(Graph graph) => PlainOperators.Apply(ShapeFolding.Fold(graph));

    /// <summary>Leaves nodes in the graph whose result is read there and too large for a constant.</summary>
    /// <returns>The results that the other nodes' readers need.</returns>
    private static string[] KeepWhatIsTooLarge(Graph graph, HashSet<Node> folded, FoldingBudget.RoundOfNodes round)
    {
        while (true)
        {
            var needed = (from node in graph.Nodes.Where(folded.Contains)
                          from output in node.Outputs
                          where output.Length > 0 && (graph.IsOutput(output) || graph.ConsumersOf(output).Any(c => !folded.Contains(c)))
                          select (node, output)).ToArray();
            var tooLarge = needed.Where(n => !round.MayKeep(n.node, n.output)).Select(n => n.node).ToHashSet();
            if (tooLarge.Count == 0) return [.. needed.Select(n => n.output)];
            folded.ExceptWith(tooLarge);
        }
    }

    private static bool CanFold(Node node) =>
        node.Domain is "" && !node.OpType.StartsWith("Random", StringComparison.Ordinal)
        && node.OpType is not ("Multinomial" or "Bernoulli" or "QuantizeLinear" or "DequantizeLinear")
        && !node.Attributes.Values.Any(a => a is AttributeValue.Subgraph)
        && (node.Inputs.Length > 0 || (node.Is("Constant") && !HoldsText(node)));

    private static bool HoldsText(Node constant) => constant.Attributes.Any(a =>
        a.Key is "value_string" or "value_strings" || a is { Key: "value", Value: not AttributeValue.TensorValue });

    private static IEnumerable<KeyValuePair<string, Tensor>> Compute(
        Model model, Graph graph, List<Node> nodes, string[] needed, ExecutionOptions options)
    {
        var outputs = needed.Select(name => new Value(name, ElementType.Undefined, null)).ToImmutableArray();
        var part = new Graph(graph.Name, [], outputs, Ancestors(graph, nodes, needed), graph.Initializers).With();
        // Making threads would take longer than what they compute.
        var once = options with { Threads = 1, RunsOnce = true };
        using var session = options.Backend.Load(model with { Graph = part, Uninterpreted = default }, once);
        using var result = session.Run(ImmutableDictionary<string, Tensor>.Empty);
        return [.. needed.Select(name => KeyValuePair.Create(name, Batches.Copy(result[name])))];
    }

    /// <summary>The nodes that the needed values are made by.</summary>
    private static IEnumerable<Node> Ancestors(Graph graph, List<Node> nodes, string[] needed)
    {
        var wanted = needed.ToHashSet(StringComparer.Ordinal);
        foreach (var node in Enumerable.Reverse(nodes))
            if (node.Outputs.Any(wanted.Contains)) wanted.UnionWith(node.Reads());
        return nodes.Where(n => n.Outputs.Any(wanted.Contains));
    }
}
