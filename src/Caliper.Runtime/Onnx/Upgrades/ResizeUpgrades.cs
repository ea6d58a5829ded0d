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
    /// one was the one before; where an axis shrinks, ONNX Runtime and the standard's tests have always taken the one after, and so do we.
    /// </summary>
    public static IEnumerable<Node> SayWhatWasImplied(Node node, GraphUpgrade graph)
    {
        var roi = graph.Add(node, "roi", Tensor.Vector<float>());
        var resized = node with { Inputs = [node.Input(0), roi, node.Input(1)] };
        resized = resized.With("coordinate_transformation_mode", "asymmetric");
        if (node.Text("mode", "nearest") != "nearest") return [resized];
        return Nearest(node, graph) is { } nearest ? [resized.With("nearest_mode", nearest)] : ShrinkThenStretch(resized, graph);
    }

    /// <summary>Which of two pixels all axes take; null where axes differ, or nobody knows yet.</summary>
    private static string? Nearest(Node node, GraphUpgrade graph)
    {
        if (graph.Constant(node.Input(1)) is not { Type: ElementType.Float32 } tensor) return null;
        var scales = tensor.Span<float>().ToArray();
        return scales.All(s => s >= 1) ? "floor" : scales.All(s => s <= 1) ? "ceil" : null;
    }

    /// <summary>Each axis does one of the two, and leaves the other out by a scale of 1.</summary>
    private static Node[] ShrinkThenStretch(Node node, GraphUpgrade graph)
    {
        var one = graph.Add(node, "one", Tensor.Scalar(1f));
        var shrinking = new Node(graph.NewName(node, "shrinking"), "Min", [node.Input(2), one], [graph.NewName(node, "shrinking")]);
        var stretching = new Node(graph.NewName(node, "stretching"), "Max", [node.Input(2), one], [graph.NewName(node, "stretching")]);
        var shrunk = node with
        {
            Name = graph.NewName(node, "shrunk"),
            Inputs = [node.Input(0), node.Input(1), shrinking.Output],
            Outputs = [graph.NewName(node, "shrunk")],
        };
        var stretched = node with { Inputs = [shrunk.Output, node.Input(1), stretching.Output] };
        return [shrinking, shrunk.With("nearest_mode", "ceil"), stretching, stretched.With("nearest_mode", "floor")];
    }
}
