using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>
/// Brings every fully connected layer to one form: <c>Gemm(x, W, b)</c> with α = β = 1 and a bias of one value an output.
/// Exporters write it as a Gemm with factors, or as MatMul and Add.
/// </summary>
internal static class LinearRecognition
{
    public static Graph Apply(Graph graph)
    {
        foreach (var node in graph.Nodes)
        {
            var rewrite = new GraphRewrite(graph);
            var hasChanged = OperatorCatalogue.ProductOf(node) switch
            {
                ProductKind.MatMul => JoinBias(graph, node, rewrite),
                ProductKind.Gemm => Normalize(graph, node, rewrite),
                _ => false,
            };
            if (hasChanged) graph = rewrite.Finish();
        }
        return graph;
    }

    private static bool JoinBias(Graph graph, Node matMul, GraphRewrite rewrite)
    {
        if (graph.Constant(matMul.Input(1)) is not { Type: ElementType.Float32, Shape.Rank: 2 } weights) return false;
        if (graph.Find(matMul.Inputs[0])?.Shape is not { Rank: 2 } || !graph.HasSingleConsumer(matMul.Output)) return false;
        if (graph.ConsumersOf(matMul.Output) is not [var add] || !add.Is("Add")) return false;
        var other = add.Inputs[0] == matMul.Output ? add.Inputs[1] : add.Inputs[0];
        if (BiasVector(graph.Constant(other), weights.Shape[1].Length) is not { } bias) return false;

        var name = rewrite.ReplaceInitializer(other, bias, add);
        rewrite.Replace(matMul, matMul with { OpType = "Gemm", Inputs = [.. matMul.Inputs, name], Outputs = add.Outputs });
        rewrite.Remove(add);
        return true;
    }

    private static bool Normalize(Graph graph, Node gemm, GraphRewrite rewrite)
    {
        var (alpha, beta) = (gemm.Float("alpha", 1), gemm.Float("beta", 1));
        if (graph.Constant(gemm.Input(1)) is not { Type: ElementType.Float32, Shape.Rank: 2 } weights) return false;
        var outputs = weights.Shape[gemm.Int("transB", 0) != 0 ? 0 : 1].Length;
        var bias = gemm.Input(2).Length > 0 ? graph.Constant(gemm.Input(2)) : null;
        if (gemm.Input(2).Length > 0 && BiasVector(bias, outputs) is null) return false;
        var isNormal = alpha == 1 && beta == 1 && (bias is null || bias.Shape == Shape.Of(outputs));
        if (isNormal) return false;

        var replacement = gemm.Without("alpha").Without("beta");
        if (alpha != 1)
        {
            var scaled = rewrite.ReplaceInitializer(gemm.Inputs[1], Times(weights, alpha), gemm);
            replacement = replacement with { Inputs = replacement.Inputs.SetItem(1, scaled) };
        }
        if (bias is not null)
        {
            var vector = Times(BiasVector(bias, outputs)!, beta);
            replacement = replacement with { Inputs = replacement.Inputs.SetItem(2, rewrite.ReplaceInitializer(gemm.Inputs[2], vector, gemm)) };
        }
        rewrite.Replace(gemm, replacement);
        return true;
    }

    /// <summary>A constant as one value an output, where broadcasting makes it that and adds no axis to the matrix.</summary>
    private static Tensor? BiasVector(Tensor? constant, long outputs)
    {
        if (constant is not { Type: ElementType.Float32, Shape.Rank: <= 2 }) return null;
        var values = constant.Span<float>();
        if (values.Length == 1) return Tensor.Vector(Enumerable.Repeat(values[0], (int)outputs).ToArray());
        var isRow = values.Length == outputs && constant.Shape.Rank > 0 && constant.Shape[-1] == outputs;
        return isRow ? constant.Reshape(Shape.Of(outputs)) : null;
    }

    private static Tensor Times(Tensor tensor, float factor)
    {
        var values = tensor.Span<float>().ToArray();
        for (var i = 0; i < values.Length; i++) values[i] *= factor;
        return Tensor.Of(tensor.Shape, values);
    }
}
