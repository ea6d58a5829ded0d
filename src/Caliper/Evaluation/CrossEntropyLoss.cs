using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>
/// <c>torch.nn.CrossEntropyLoss</c> with its defaults: the mean over the batch of <c>log Σ exp(x) − x[label]</c>, in nats.
/// </summary>
public sealed class CrossEntropyLoss : ICriterion
{
    /// <summary>The mean loss over a batch.</summary>
    /// <param name="output">Raw class scores (no softmax), Float32, [N,C] or [N,C,1,1].</param>
    /// <param name="target">The class index of each sample, [N].</param>
    /// <exception cref="CaliperException">The output has another shape or type, or a label is no class of it.</exception>
    public double Loss(Tensor output, ReadOnlySpan<int> target)
    {
        var logits = Logits.From(output, target);
        var sum = 0.0;
        for (var sample = 0; sample < target.Length; sample++)
        {
            var row = logits.Row(sample);
            sum += LogSumExp(row) - row[target[sample]];
        }
        return target.Length == 0 ? 0 : sum / target.Length;
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
