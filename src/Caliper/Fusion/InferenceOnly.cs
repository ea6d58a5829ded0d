using Caliper.Graphs;

namespace Caliper.Fusion;

/// <summary>
/// Removes what does nothing at inference: Identity, Dropout, a Resize to the same size and a Pad by nothing, and dilations of 1 of an
/// AveragePool, an attribute that ONNX Runtime's int8 form of it refuses even so.
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

        bool DoesNothing(Node node) => node.Is("Identity") || (node.Is("Resize") && KeepsSize(node)) || (node.Is("Pad") && AddsNothing(node))
            || (node.Is("Dropout") && (node.Input(2).Length == 0 || graph.Constant(node.Input(2)) is { Bytes.Span: [0] }));

        bool AddsNothing(Node node) =>
            graph.Constant(node.Input(1)) is { Type: ElementType.Int64 } pads && pads.Span<long>().IndexOfAnyExcept(0) < 0;

        bool KeepsSize(Node node) => node.Text("coordinate_transformation_mode", "half_pixel") != "tf_crop_and_resize"
            && graph.Constant(node.Input(2)) is { Type: ElementType.Float32, Count: > 0 } scales && scales.Span<float>().IndexOfAnyExcept(1) < 0;
    }

    private static bool SaysNoDilations(Node node) =>
        node.Is("AveragePool") && node.Ints("dilations") is { } dilations && dilations.All(d => d == 1);
}
