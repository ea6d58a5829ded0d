using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;

namespace Caliper.Fusion;

/// <summary>
/// Computes once what depends on constants and known shapes alone, so that paddings, slices and reshapes that
/// an exporter spelled out as small computations become plain constants. The backend itself computes them, so that
/// every operator is covered and none is written twice.
/// </summary>
internal static class ConstantFolding
{
    /// <summary>A result larger than this stays a computation: a constant would only make the file bigger.</summary>
    private const long MaxElements = 1 << 20;

    public static Model Apply(Model model, ExecutionOptions options)
    {
        var graph = ShapeFolding.Fold(model.Graph);
        var constants = graph.Initializers.Keys.ToHashSet(StringComparer.Ordinal);
        var foldable = new List<Node>();
        foreach (var node in graph.Nodes.Where(n => CanFold(n, constants)))
        {
            foldable.Add(node);
            constants.UnionWith(node.Outputs.Where(o => o.Length > 0));
        }
        if (foldable.Count == 0) return model with { Graph = graph };

        var folded = foldable.ToHashSet();
        var needed = (from node in foldable
                      from output in node.Outputs
                      where output.Length > 0 && (graph.IsOutput(output) || graph.ConsumersOf(output).Any(c => !folded.Contains(c)))
                      select output).ToArray();
        var results = Compute(model, graph, foldable, needed, options);
        var tooLarge = results.Where(r => r.Value.Shape.ElementCount > MaxElements).Select(r => r.Key).ToHashSet();
        if (tooLarge.Count > 0) return model with { Graph = graph };
        return model with
        {
            Graph = graph.With(graph.Nodes.Where(n => !folded.Contains(n)), graph.Initializers.SetItems(results)),
        };
    }

    private static bool CanFold(Node node, HashSet<string> constants) =>
        node.Domain is "" && !node.OpType.StartsWith("Random", StringComparison.Ordinal)
        && node.OpType is not ("Multinomial" or "Bernoulli" or "QuantizeLinear" or "DequantizeLinear")
        && !node.Attributes.Values.Any(a => a is AttributeValue.Subgraph)
        && (node.Inputs.Length > 0 || node.Is("Constant"))
        && node.Reads().All(constants.Contains);

    private static IEnumerable<KeyValuePair<string, Tensor>> Compute(
        Model model, Graph graph, List<Node> nodes, string[] needed, ExecutionOptions options)
    {
        var outputs = needed.Select(name => new Value(name, ElementType.Undefined, null)).ToImmutableArray();
        var part = new Graph(graph.Name, [], outputs, nodes, graph.Initializers).With();
        using var session = options.Backend.Load(model with { Graph = part, Uninterpreted = default }, options);
        using var result = session.Run(ImmutableDictionary<string, Tensor>.Empty);
        return [.. needed.Select(name => KeyValuePair.Create(name, Batches.Copy(result[name])))];
    }
}
