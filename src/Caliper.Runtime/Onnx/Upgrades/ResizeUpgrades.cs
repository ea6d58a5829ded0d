using Caliper.Graphs;

namespace Caliper.Onnx.Upgrades;

/// <summary>From <c>Upsample</c> with an attribute (7) to <c>Upsample</c> with an input (9) to <c>Resize</c> (10, 11).</summary>
internal static class ResizeUpgrades
{
    public static IEnumerable<Node> ScalesToInput(Node node, GraphUpgrade graph)
    {
        if (node.Attributes.GetValueOrDefault("scales") is not AttributeValue.Floats scales)
            throw GraphUpgrade.Cannot(node, "it does not say by how much it scales");
        var input = graph.Add(node, "scales", Tensor.Vector(scales.Values.ToArray()));
        return [(node with { Inputs = [node.Input(0), input] }).Without("scales")];
    }

    /// <summary>
    /// Version 11 lets one choose where pixels lie. Before, the first pixels lay upon each other (asymmetric). The nearest
    /// one was the one before; where an axis shrinks, ONNX Runtime has always taken the one after, and so do we.
    /// </summary>
    public static IEnumerable<Node> SayWhatWasImplied(Node node, GraphUpgrade graph)
    {
        var resized = node with { Inputs = [node.Input(0), graph.Add(node, "roi", Tensor.Vector<float>()), node.Input(1)] };
        resized = resized.With("coordinate_transformation_mode", "asymmetric");
        return [node.Text("mode", "nearest") == "nearest" ? resized.With("nearest_mode", Nearest(node, graph)) : resized];
    }

    private static string Nearest(Node node, GraphUpgrade graph)
    {
        if (graph.Constant(node.Input(1)) is not { Type: ElementType.Float32 } tensor) return "floor";
        var scales = tensor.Span<float>().ToArray();
        if (!scales.Any(s => s < 1)) return "floor";
        return scales.Any(s => s > 1) ? throw GraphUpgrade.Cannot(node, "it shrinks one axis and stretches another") : "ceil";
    }
}
