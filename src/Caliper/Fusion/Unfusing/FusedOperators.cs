using System.Collections.Frozen;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using Caliper.Onnx.Upgrades;

namespace Caliper.Fusion.Unfusing;

/// <summary>
/// Operators that stand for several, as those several: what ONNX Runtime's optimizer joined into operators of its own, so that a file that was
/// saved after optimization is the network that it was made of, and ONNX's own of version 23 on. Nothing else quantizes a fused convolution, or
/// the three projections that an attention holds.
/// </summary>
internal static class FusedOperators
{
    private const string Microsoft = "com.microsoft";

    private static readonly FrozenDictionary<(string Domain, string OpType), Func<Pieces, bool>> Rules =
        new Dictionary<(string, string), Func<Pieces, bool>>
        {
            [(Microsoft, "FusedConv")] = Products.Convolution,
            [(Microsoft, "FusedGemm")] = Products.Gemm,
            [(Microsoft, "FusedMatMul")] = Products.MatMul,
            [(Microsoft, "TransposeMatMul")] = Products.MatMul,
            [(Microsoft, "BiasGelu")] = Gates.BiasGelu,
            [(Microsoft, "FastGelu")] = Gates.FastGelu,
            [(Microsoft, "QuickGelu")] = Gates.QuickGelu,
            [(Microsoft, "SkipLayerNormalization")] = Norms.SkipLayerNorm,
            [(Microsoft, "SkipSimplifiedLayerNormalization")] = Norms.SkipRmsNorm,
            [(Microsoft, "EmbedLayerNormalization")] = Norms.EmbedLayerNorm,
            [("", "SimplifiedLayerNormalization")] = Norms.RmsNorm,
            [("", "RMSNormalization")] = Norms.RmsNorm,
            [("", "Swish")] = Gates.Swish,
            [("", "Attention")] = StandardAttention.Plain,
            [(Microsoft, "Attention")] = Attentions.WithProjections,
            [(Microsoft, "MultiHeadAttention")] = Attentions.OfProjected,
        }.ToFrozenDictionary();

    /// <summary>Those that are taken apart.</summary>
    public static IEnumerable<(string Domain, string OpType)> All => Rules.Keys;

    /// <param name="model">The network; its types and shapes are worked out, those of such operators' results apart.</param>
    public static Model Apply(Model model)
    {
        if (!model.Graph.Nodes.Any(node => Rules.ContainsKey((node.Domain, node.OpType)))) return model;
        // Their weights are cut and their numbers added to in float32.
        model = ShapeInference.Infer(FloatWidening.Apply(model));
        // What a mask's lengths were counted from is read in their place: attentions are rewritten before what counts.
        var order = model.Graph.Nodes.OrderBy(node => node.OpType is "EmbedLayerNormalization");
        var rewrite = new GraphRewrite(model.Graph);
        foreach (var node in order)
            if (Rules.TryGetValue((node.Domain, node.OpType), out var rule)) rule(new Pieces(model, rewrite, node));
        return ShapeInference.Infer(model with { Graph = rewrite.Finish() });
    }
}
