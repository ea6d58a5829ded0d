using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>
/// <c>torch.nn.CrossEntropyLoss</c> with its defaults: the mean over the batch of <c>log Σ exp(x) − x[label]</c>, in nats. Of a network
/// that ends in a Softmax it is <c>−log p[label]</c>, the same number: PyTorch's class would take a second softmax of what is one
/// already, and give about the logarithm of the number of classes whatever the answers are.
/// </summary>
public sealed class CrossEntropyLoss : ICriterion
{
    /// <summary>PyTorch's bound in <c>binary_cross_entropy</c>: a probability of 0 costs no more than this.</summary>
    private const double MostLoss = 100;

    private readonly bool _ofProbabilities;

    /// <summary>The loss of raw class scores; <see cref="Evaluator"/> and <see cref="ModelComparison"/> see by the network where its output
    /// is probabilities instead.</summary>
    public CrossEntropyLoss() { }

    private CrossEntropyLoss(bool ofProbabilities) => _ofProbabilities = ofProbabilities;

    /// <summary>The criterion for an output of a model: this one knows probabilities by the Softmax that makes them.</summary>
    internal static ICriterion? For(ICriterion? criterion, IModel model, string? output) =>
        output is not null && criterion is CrossEntropyLoss && ModelGraphs.Of(model) is { } graph && EndsInSoftmax(graph, output)
            ? new CrossEntropyLoss(true) : criterion;

    /// <summary>The mean loss over a batch.</summary>
    /// <param name="output">Class scores as the network gives them, Float32, [N,C] or [N,C,1,1].</param>
    /// <param name="target">The class index of each sample, [N].</param>
    /// <exception cref="CaliperException">The output has another shape or type, or a label is no class of it.</exception>
    public double Loss(Tensor output, ReadOnlySpan<int> target)
    {
        var logits = Logits.From(output, target);
        var sum = 0.0;
        for (var sample = 0; sample < target.Length; sample++)
        {
            var row = logits.Row(sample);
            sum += _ofProbabilities ? Math.Min(-Math.Log(row[target[sample]]), MostLoss) : LogSumExp(row) - row[target[sample]];
        }
        return target.Length == 0 ? 0 : sum / target.Length;
    }

    /// <summary>Whether a Softmax made a value, and since then it was only moved, rounded or cast.</summary>
    private static bool EndsInSoftmax(Graph graph, string output)
    {
        while (graph.ProducerOf(output) is { } node)
        {
            if (node.OpType is "Softmax" or "QLinearSoftmax") return true;
            if (node.OpType is not ("Identity" or "Cast" or "Reshape" or "Flatten" or "Squeeze" or "Unsqueeze" or "QuantizeLinear"
                or "DequantizeLinear" or "Dropout" or "Transpose" or "Clip")) return false;
            output = node.Input(0);
        }
        return false;
    }

    /// <summary>The maximum is taken out first, so that no exponential overflows.</summary>
    private static double LogSumExp(ReadOnlySpan<float> scores)
    {
        double max = float.NegativeInfinity;
        foreach (var score in scores) max = Math.Max(max, score);
        if (double.IsInfinity(max)) return max;
        var sum = 0.0;
        foreach (var score in scores) sum += Math.Exp(score - max);
        return max + Math.Log(sum);
    }
}
