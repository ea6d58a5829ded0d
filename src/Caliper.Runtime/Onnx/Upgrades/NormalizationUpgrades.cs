using Caliper.Graphs;

namespace Caliper.Onnx.Upgrades;

/// <summary>Operators that behave differently in training; here they infer.</summary>
internal static class NormalizationUpgrades
{
    /// <summary>Version 9 always normalizes over space too. Without space <c>spatial=0</c> says the same.</summary>
    public static IEnumerable<Node> BatchNormalization(Node node, GraphUpgrade graph)
    {
        if (node.Int("spatial", 1) == 0 && graph.ShapeOf(node.Input(0))?.Rank != 2)
            throw GraphUpgrade.Cannot(node, "it normalizes every pixel by itself (spatial=0), which newer versions cannot");
        return [node.Without("spatial")];
    }

    /// <summary>The mask became boolean in version 10 and true instead of false in 12. If nobody reads it, it goes.</summary>
    public static IEnumerable<Node> DropoutMask(Node node, GraphUpgrade graph)
    {
        if (node.Outputs.Skip(1).Any(o => o.Length > 0 && graph.IsUsed(o)))
            throw GraphUpgrade.Cannot(node, "its mask is read, which means something else in newer versions");
        return [node with { Outputs = node.Outputs[..1] }];
    }

    /// <summary>The ratio became an input. It only matters in training, but says what the model was trained with.</summary>
    public static IEnumerable<Node> DropoutRatio(Node node, GraphUpgrade graph) => DropoutMask(node, graph).Select(dropout =>
    {
        if (!node.Attributes.ContainsKey("ratio")) return dropout;
        var ratio = graph.Add(node, "ratio", Tensor.Scalar(node.Float("ratio", 0.5f)));
        return (dropout with { Inputs = [node.Input(0), ratio] }).Without("ratio");
    });
}
