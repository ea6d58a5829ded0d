using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>
/// Removes what does nothing at inference: Identity and Dropout, and dilations of 1 of an AveragePool, an attribute that ONNX Runtime's
/// int8 form of it refuses even so.
/// </summary>
internal static class InferenceOnly
{
    public static Graph Apply(Graph graph)
    {
        foreach (var node in graph.Nodes.Where(DoesNothing))
        {
            // The name of a graph output belongs to the caller, so the node that makes it stays.
            if (graph.IsOutput(node.Output) || node.Outputs.Skip(1).Any(mask => mask.Length > 0 && graph.ConsumersOf(mask).Length > 0))
                continue;
            // Subgraphs refer to outer values by names that only their own bytes hold.
            if (graph.ConsumersOf(node.Output).Any(reader => !reader.Inputs.Contains(node.Output))) continue;
            var rewrite = new GraphRewrite(graph);
            rewrite.Bypass(graph.Nodes.First(n => n.Name == node.Name));
            graph = rewrite.Finish();
        }
        return graph.Nodes.Any(SaysNoDilations)
            ? graph.With(graph.Nodes.Select(n => SaysNoDilations(n) ? n.Without("dilations") : n)) : graph;

        bool DoesNothing(Node node) => node.Is("Identity")
            || (node.Is("Dropout") && (graph.Constant(node.Input(2)) is not { } training || training.Bytes.Span is not [not 0, ..]));
    }

    private static bool SaysNoDilations(Node node) =>
        node.Is("AveragePool") && node.Ints("dilations") is { } dilations && dilations.All(d => d == 1);
}
