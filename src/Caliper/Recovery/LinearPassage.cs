using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Recovery;

/// <summary>
/// A convolution or matrix product with constant weights: it takes any factors of its inputs into the columns of its weights and any of
/// its outputs into their rows. Where each output has one input of its own (depthwise), int8 weights lose nothing by that, for each row has
/// its own scale.
/// </summary>
internal sealed class LinearPassage : Passage
{
    private readonly LinearWeights _weights;
    private readonly double[][] _squares;

    private LinearPassage(Node node, LinearWeights weights) : base(node)
    {
        _weights = weights;
        (Peaks, _squares) = Read(weights);
        Taps = weights.Taps;
    }

    /// <summary>For each output the greatest magnitude of its weights for each of the inputs that it reads.</summary>
    public float[][] Peaks { get; }

    /// <summary>How many inputs an output reads.</summary>
    public int InputsPerOutput => _weights.InputsPerOutput;

    /// <summary>Weights from an input to an output.</summary>
    public int Taps { get; }

    /// <summary>Reads a node; null where its weights are not constant, are read by others too, or its channels lie elsewhere.</summary>
    public static LinearPassage? Of(Graph graph, ChannelClasses classes, Node node)
    {
        if (LinearWeights.Of(graph, node) is not { } weights || !graph.HasSingleConsumer(node.Inputs[1])) return null;
        if (classes.AxisOf(node.Input(0)) is not var (inputAxis, inputs) || classes.AxisOf(node.Output) is not var (outputAxis, outputs)) return null;
        var ranks = (graph.Find(node.Input(0))!.Shape!.Value.Rank, graph.Find(node.Output)!.Shape!.Value.Rank);
        var isImage = OperatorCatalogue.ProductOf(node) is ProductKind.Convolution or ProductKind.TransposedConvolution;
        var axes = isImage ? (1, 1) : (ranks.Item1 - 1, ranks.Item2 - 1);
        return (inputAxis, outputAxis) == axes && inputs == weights.InputChannels && outputs == weights.OutputChannels
            ? new LinearPassage(node, weights) : null;
    }

    /// <summary>The first of the inputs that an output reads; the others follow it.</summary>
    public int FirstInput(int output) => output / (Peaks.Length / (_weights.InputChannels / InputsPerOutput)) * InputsPerOutput;

    public override void Bind(ChannelClasses classes) { }

    public override void CarryBack(NoiseWeights noise)
    {
        var outputs = noise.Of(Node.Output);
        var inputs = new double[_weights.InputChannels];
        for (var o = 0; o < Peaks.Length; o++)
            for (var i = 0; i < InputsPerOutput; i++) inputs[FirstInput(o) + i] += outputs[o] * _squares[o][i];
        noise.Add(Node.Inputs[0], c => inputs[c]);
    }

    public override void Rewrite(ScaledGraph target)
    {
        var (taken, given) = (target.FactorsOf(Node.Inputs[0]), target.FactorsOf(Node.Output));
        if (taken is null && given is null) return;
        target.Replace(Node, 1, _weights.Scale((o, i) => (taken?[i] ?? 1) / (given?[o] ?? 1)));
        if (given is not null && _weights.Bias is { } bias) target.Replace(Node, 2, Tensor.Vector([.. bias.Select((b, c) => b / given[c])]));
    }

    private static (float[][] Peaks, double[][] Squares) Read(LinearWeights weights)
    {
        var own = weights.InputsPerOutput;
        float[][] peaks = [.. Enumerable.Range(0, weights.OutputChannels).Select(_ => new float[own])];
        double[][] squares = [.. Enumerable.Range(0, weights.OutputChannels).Select(_ => new double[own])];
        weights.Visit((o, i, w) =>
        {
            ref var peak = ref peaks[o][i % own];
            peak = MathF.Max(peak, MathF.Abs(w));
            squares[o][i % own] += (double)w * w;
        });
        return (peaks, squares);
    }
}
