using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>
/// Folds batch normalization into the linear operation beside it. At inference a batch norm is the affine map
/// <c>y = a·x + b</c> per channel with <c>a = γ/√(σ²+ε)</c> and <c>b = β − μ·a</c>, and an affine map after (or before) a
/// linear one is a linear one with other weights. Source: <c>torch.nn.utils.fusion.fuse_conv_bn_weights</c>, whose order of
/// float32 operations is kept so that folded weights are equal to PyTorch's.
/// </summary>
internal static class BatchNormFolding
{
    public static Graph Apply(Graph graph)
    {
        foreach (var node in graph.Nodes.Where(n => n.Is("BatchNormalization")))
        {
            var rewrite = new GraphRewrite(graph);
            if (FoldIntoProducer(graph, node, rewrite) || FoldIntoConsumer(graph, node, rewrite) || TurnIntoConv(graph, node, rewrite))
                graph = rewrite.Finish();
        }
        return graph;
    }

    /// <summary>Conv, ConvTranspose, Gemm or MatMul followed by the batch norm and by nothing else.</summary>
    private static bool FoldIntoProducer(Graph graph, Node norm, GraphRewrite rewrite)
    {
        if (graph.ProducerOf(norm.Input(0)) is not { } linear || !graph.HasSingleConsumer(linear.Output)) return false;
        if (LinearWeights.Of(graph, linear) is not { } weights || Affine.Of(graph, norm) is not { } affine) return false;
        if (weights.OutputChannels != affine.Channels) return false;
        // A batch norm works on axis 1, which is the output of a MatMul only where there are two axes.
        if (OperatorCatalogue.ProductOf(linear) is ProductKind.MatMul && graph.Find(linear.Output)?.Shape is not { Rank: 2 }) return false;

        var kernel = weights.ScaleOutputs(affine.Factor);
        var bias = affine.Through(weights.Bias ?? new float[affine.Channels]);
        rewrite.Replace(linear, weights.Rebuild(linear, kernel, bias, norm.Output, rewrite));
        rewrite.Remove(norm);
        return true;
    }

    /// <summary>
    /// The batch norm followed by a Conv or Gemm that alone reads it. Padding would have to pad with the value that the
    /// batch norm makes of 0, so only unpadded convolutions are legal.
    /// </summary>
    private static bool FoldIntoConsumer(Graph graph, Node norm, GraphRewrite rewrite)
    {
        if (!graph.HasSingleConsumer(norm.Output) || graph.ConsumersOf(norm.Output) is not [var linear]) return false;
        if (linear.Inputs[0] != norm.Output || OperatorCatalogue.ProductOf(linear) is not (ProductKind.Convolution or ProductKind.Gemm)) return false;
        if (linear.Ints("pads") is { } pads && pads.Any(p => p != 0)) return false;
        if (linear.Text("auto_pad", "NOTSET") is not ("NOTSET" or "VALID")) return false;
        if (LinearWeights.Of(graph, linear) is not { } weights || Affine.Of(graph, norm) is not { } affine) return false;
        if (weights.InputChannels != affine.Channels) return false;

        var bias = weights.Bias?.ToArray() ?? new float[weights.OutputChannels];
        weights.AddResponseTo(affine.Offset, bias);
        var kernel = weights.ScaleInputs(affine.Factor);
        var rebuilt = weights.Rebuild(linear, kernel, bias, linear.Output, rewrite);
        rewrite.Replace(linear, rebuilt with { Inputs = rebuilt.Inputs.SetItem(0, norm.Inputs[0]) });
        rewrite.Remove(norm);
        return true;
    }

    /// <summary>A batch norm that stands alone on an image is a depthwise 1×1 convolution, which has an int8 form.</summary>
    private static bool TurnIntoConv(Graph graph, Node norm, GraphRewrite rewrite)
    {
        if (graph.Find(norm.Input(0))?.Shape is not { Rank: 4 } || Affine.Of(graph, norm) is not { } affine) return false;
        var kernel = rewrite.AddInitializer(norm.Name + ".weight", Tensor.Of(Shape.Of(affine.Channels, 1, 1, 1), affine.Factor));
        var bias = rewrite.AddInitializer(norm.Name + ".bias", Tensor.Of(Shape.Of(affine.Channels), affine.Offset));
        rewrite.Replace(norm, new Node(norm.Name, "Conv", [norm.Inputs[0], kernel, bias], [norm.Output])
            .With("group", (long)affine.Channels).With("kernel_shape", 1, 1));
        return true;
    }

    /// <summary>What a batch norm does to each channel at inference.</summary>
    private sealed class Affine
    {
        private readonly float[] _mean, _inverseDeviation, _gamma, _beta;

        private Affine(float[] mean, float[] inverseDeviation, float[] gamma, float[] beta)
        {
            (_mean, _inverseDeviation, _gamma, _beta) = (mean, inverseDeviation, gamma, beta);
            Factor = [.. gamma.Select((g, c) => g * inverseDeviation[c])];
            Offset = Through(new float[gamma.Length]);
        }

        public int Channels => _gamma.Length;

        public float[] Factor { get; }

        public float[] Offset { get; }

        /// <summary>The affine map of one value a channel.</summary>
        public float[] Through(float[] values) =>
            [.. values.Select((v, c) => ((v - _mean[c]) * _inverseDeviation[c] * _gamma[c]) + _beta[c])];

        public static Affine? Of(Graph graph, Node norm)
        {
            if (norm.Int("training_mode", 0) != 0 || norm.Outputs.Skip(1).Any(o => o.Length > 0)) return null;
            var parts = Enumerable.Range(1, 4).Select(i => graph.Constant(norm.Input(i))).ToArray();
            if (parts.Any(p => p is not { Type: ElementType.Float32 })) return null;
            var epsilon = norm.Float("epsilon", 1e-5f);
            float[] Values(int i) => parts[i]!.Span<float>().ToArray();
            var inverseDeviation = Values(3).Select(variance => 1f / MathF.Sqrt(variance + epsilon)).ToArray();
            return new Affine(Values(2), inverseDeviation, Values(0), Values(1));
        }
    }
}
