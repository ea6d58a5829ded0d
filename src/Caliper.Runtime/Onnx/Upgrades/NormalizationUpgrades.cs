using Caliper.Graphs;

namespace Caliper.Onnx.Upgrades;

/// <summary>Operators that behave differently in training; here they infer.</summary>
internal static class NormalizationUpgrades
{
    /// <summary>Version 9 always takes statistics over batch and space. Without space that is what <c>spatial=0</c> says, too.</summary>
    public static IEnumerable<Node> BatchNormalization(Node node, GraphUpgrade graph)
    {
        if (node.Int("spatial", 1) == 0 && graph.ShapeOf(node.Input(0))?.Rank != 2)
            throw GraphUpgrade.Cannot(node, "it normalizes every pixel by itself (spatial=0), which newer versions cannot");
        return [node.Without("spatial")];
    }

    /// <summary>The mask became boolean in version 10, and true instead of false in 12. Where nobody reads it, it is dropped.</summary>
    public static IEnumerable<Node> DropoutMask(Node node, GraphUpgrade graph)
    {
        if (node.Outputs.Skip(1).Any(o => o.Length > 0 && graph.IsUsed(o)))
            throw GraphUpgrade.Cannot(node, "its mask is read, which means something else in newer versions");
        return [node with { Outputs = node.Outputs[..1] }];
    }

    /// <summary>The ratio became an input. It only matters in training, but says what the model was trained with.</summary>
    public static IEnumerable<Node> DropoutRatio(Node node, GraphUpgrade graph) => DropoutMask(node, graph).Select(dropout =>
        node.Attributes.ContainsKey("ratio")
            ? (dropout with { Inputs = [node.Input(0), graph.Add(node, "ratio", Tensor.Scalar(node.Float("ratio", 0.5f)))] }).Without("ratio")
            : dropout);
}
