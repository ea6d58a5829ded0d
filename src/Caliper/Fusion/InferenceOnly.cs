using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>Removes what does nothing at inference: Identity and Dropout.</summary>
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
        return graph;

        bool DoesNothing(Node node) => node.Is("Identity")
            || (node.Is("Dropout") && (graph.Constant(node.Input(2)) is not { } training || training.Bytes.Span[0] == 0));
    }
}
