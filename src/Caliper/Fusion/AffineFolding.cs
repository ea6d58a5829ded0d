using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>
/// Folds what is added to each channel of a convolution's result, or multiplied with it, into its bias and weights. Some exporters write a bias so,
/// and normalizations that were taken apart; between a convolution and its batch norm it would keep both from becoming one.
/// </summary>
internal static class AffineFolding
{
    /// <summary>Folds all that there is, one after the other.</summary>
    public static Graph Apply(Graph graph)
    {
        foreach (var node in graph.Nodes.Where(n => n.Is("Add") || n.Is("Sub") || n.Is("Mul") || n.Is("Div")))
        {
            var rewrite = new GraphRewrite(graph);
            if (Fold(graph, graph.ProducerOf(node.Output)!, rewrite)) graph = rewrite.Finish();
        }
        return graph;
    }

    private static bool Fold(Graph graph, Node affine, GraphRewrite rewrite)
    {
        var place = affine.Inputs.Length == 2 && graph.Constant(affine.Inputs[0]) is null ? 0 : 1;
        // What is subtracted from a constant, or divides one, is something else.
        if (affine.Inputs.Length != 2 || place == 1 && !(affine.Is("Add") || affine.Is("Mul"))) return false;
        if (graph.ProducerOf(affine.Inputs[place]) is not { } convolution || !graph.HasSingleConsumer(convolution.Output)) return false;
        if (OperatorCatalogue.ProductOf(convolution) is not (ProductKind.Convolution or ProductKind.TransposedConvolution)) return false;
        if (LinearWeights.Of(graph, convolution) is not { } weights || convolution.Inputs.Length > 3) return false;
        var rank = graph.Constant(convolution.Inputs[1])!.Shape.Rank;
        if (PerChannel(graph.Constant(affine.Inputs[1 - place]), weights.OutputChannels, rank) is not { } numbers) return false;

        var bias = weights.Bias ?? new float[weights.OutputChannels];
        var kernel = graph.Constant(convolution.Inputs[1])!;
        if (affine.Is("Add") || affine.Is("Sub"))
        {
            var sign = affine.Is("Add") ? 1 : -1;
            bias = [.. bias.Zip(numbers, (b, n) => b + sign * n)];
        }
        else
        {
            float[] factors = affine.Is("Mul") ? numbers : [.. numbers.Select(n => 1 / n)];
            (kernel, bias) = (weights.ScaleOutputs(factors), [.. bias.Zip(factors, (b, f) => b * f)]);
        }
        if (HasOther(bias) || HasOther(kernel.Span<float>())) return false;
        rewrite.Replace(convolution, weights.Rebuild(convolution, kernel, bias, affine.Output, rewrite));
        rewrite.Remove(affine);
        return true;
    }

    /// <summary>Whether there is an infinity, or what is no number.</summary>
    private static bool HasOther(ReadOnlySpan<float> values) => values.IndexOfAnyExceptInRange(float.MinValue, float.MaxValue) >= 0;

    /// <summary>A constant as one number for each channel, where broadcasting makes it that and adds no axis.</summary>
    private static float[]? PerChannel(Tensor? constant, int channels, int rank)
    {
        if (constant is not { Type: ElementType.Float32 } || constant.Shape.Rank > rank) return null;
        var values = constant.Span<float>();
        if (values.Length == 1) return [.. Enumerable.Repeat(values[0], channels)];
        // Axes are counted from the last; channels are the second of all.
        var axis = constant.Shape.Rank - rank + 1;
        return values.Length == channels && axis >= 0 && constant.Shape[axis].Length == channels ? values.ToArray() : null;
    }
}
