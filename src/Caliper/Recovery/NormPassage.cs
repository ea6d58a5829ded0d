using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>A layer norm or batch norm that ends with one gain and one offset a channel, which take any factors of its output (SmoothQuant:
/// G. Xiao et al., "SmoothQuant: Accurate and Efficient Post-Training Quantization for Large Language Models", 2022).</summary>
internal sealed class NormPassage(Node node, Tensor[] parts) : Passage(node)
{
    public static NormPassage? Of(Graph graph, ChannelClasses classes, Node node)
    {
        if (!(node.Is("LayerNormalization") || (node.Is("BatchNormalization") && node.Int("training_mode", 0) == 0))) return null;
        if (node.Outputs.Skip(1).Any(o => o.Length > 0) || classes.AxisOf(node.Output) is not var (axis, channels)) return null;
        var rank = graph.Find(node.Output)!.Shape!.Value.Rank;
        var own = node.Is("BatchNormalization") ? 1 : node.Int("axis", -1) is < 0 and var last ? last + rank : node.Int("axis", -1);
        var parts = node.Inputs.Skip(1).Take(2).Where(i => i.Length > 0).Select(graph.Constant).ToArray();
        return own == axis && (own == rank - 1 || node.Is("BatchNormalization"))
            && parts.All(p => p is { Type: ElementType.Float32, Shape.Rank: 1 } && p.Count == channels)
            ? new NormPassage(node, parts!) : null;
    }

    public override void Bind(ChannelClasses classes) => classes.Fix(Node.Inputs[0]);

    public override void CarryBack(NoiseWeights noise) => noise.PassRelative(Node);

    public override void Rewrite(ScaledGraph target)
    {
        if (target.FactorsOf(Node.Output) is not { } given) return;
        for (var p = 0; p < parts.Length; p++)
            target.Replace(Node, p + 1, Tensor.Vector([.. parts[p].Span<float>().ToArray().Select((v, c) => v / given[c])]));
    }
}
