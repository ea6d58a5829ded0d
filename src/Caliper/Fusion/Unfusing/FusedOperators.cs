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

    /// <summary>What takes each apart, and which of its inputs it reads without asking whether they are there.</summary>
    private static readonly FrozenDictionary<(string Domain, string OpType), (Func<Pieces, bool> Apply, int[] Inputs)> Rules =
        new Dictionary<(string, string), (Func<Pieces, bool>, int[])>
        {
            [(Microsoft, "FusedConv")] = (Products.Convolution, [0, 1]),
            [(Microsoft, "FusedGemm")] = (Products.Gemm, [0, 1]),
            [(Microsoft, "FusedMatMul")] = (Products.MatMul, [0, 1]),
            [(Microsoft, "TransposeMatMul")] = (Products.MatMul, [0, 1]),
            [(Microsoft, "BiasGelu")] = (Gates.BiasGelu, [0, 1]),
            [(Microsoft, "FastGelu")] = (Gates.FastGelu, [0]),
            [(Microsoft, "QuickGelu")] = (Gates.QuickGelu, [0]),
            [("", "Swish")] = (Gates.Swish, [0]),
            [(Microsoft, "SkipLayerNormalization")] = (Norms.SkipLayerNorm, [0, 1, 2]),
            [(Microsoft, "SkipSimplifiedLayerNormalization")] = (Norms.SkipRmsNorm, [0, 1, 2]),
            [(Microsoft, "EmbedLayerNormalization")] = (Norms.EmbedLayerNorm, [0, 2, 3, 5]),
            [("", "SimplifiedLayerNormalization")] = (Norms.RmsNorm, [0]),
            [("", "RMSNormalization")] = (Norms.RmsNorm, [0]),
            [("", "Attention")] = (StandardAttention.Plain, [0, 1, 2]),
            [(Microsoft, "Attention")] = (Attentions.WithProjections, [0, 1]),
            [(Microsoft, "MultiHeadAttention")] = (Attentions.OfProjected, [0, 1, 2]),
        }.ToFrozenDictionary();

    /// <summary>Those that are taken apart.</summary>
    public static IEnumerable<(string Domain, string OpType)> All => Rules.Keys;

    /// <param name="model">The network; its types and shapes are worked out, those of such operators' results apart.</param>
    public static Model Apply(Model model)
    {
        if (!model.Graph.Nodes.Any(node => Rules.ContainsKey((node.Domain, node.OpType)))) return model;
        // Their weights are cut and their numbers added to in float32.
        model = ShapeInference.Infer(FloatWidening.Apply(model));
        var rewrite = new GraphRewrite(model.Graph);
        foreach (var node in model.Graph.Nodes)
        {
            var isComplete = Rules.TryGetValue((node.Domain, node.OpType), out var rule) && node.Output.Length > 0
                && rule.Inputs.All(i => node.Input(i).Length > 0);
            if (isComplete) rule.Apply(new Pieces(model, rewrite, node));
        }
        return ShapeInference.Infer(model with { Graph = rewrite.Finish() });
    }
}
