using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>
/// The share of samples whose label is among the k highest class scores, as <c>accuracy(output, target, topk)</c> of the
/// PyTorch examples.
/// </summary>
/// <remarks>
/// Equal scores, common in 8-bit models, are ranked by class index, lowest first, as <c>argmax</c> does; so a model that
/// answers the same for every class earns no credit beyond chance. (PyTorch leaves the order of ties open.) A score that is
/// not a number ranks above all others, as in <c>torch.topk</c>, and a label with such a score counts as wrong.
/// </remarks>
public static class Accuracy
{
    /// <summary>Percentages (0 to 100) for each k. A k above the number of classes counts as all classes.</summary>
    /// <param name="output">Class scores, Float32, [N,C] or [N,C,1,1].</param>
    /// <param name="target">The class index of each sample, [N].</param>
    /// <param name="topk">The ks asked for, such as 1 and 5.</param>
    /// <exception cref="CaliperException">The output has another shape or type, or a label is no class of it.</exception>
    public static ImmutableArray<double> TopK(Tensor output, ReadOnlySpan<int> target, params ReadOnlySpan<int> topk)
    {
        foreach (var k in topk) ArgumentOutOfRangeException.ThrowIfLessThan(k, 1, nameof(topk));
        var logits = Logits.From(output, target);
        Span<int> correct = stackalloc int[topk.Length];
        for (var sample = 0; sample < target.Length; sample++)
        {
            var rank = RankOf(target[sample], logits.Row(sample));
            for (var i = 0; i < topk.Length; i++) correct[i] += rank < topk[i] ? 1 : 0;
        }
        var percentages = ImmutableArray.CreateBuilder<double>(topk.Length);
        foreach (var count in correct) percentages.Add(target.Length == 0 ? 0 : 100.0 * count / target.Length);
        return percentages.MoveToImmutable();
    }

    /// <summary>How many classes come before one; the negated comparisons let a score that is not a number come first.</summary>
    internal static int RankOf(int label, ReadOnlySpan<float> scores)
    {
        var score = scores[label];
        var before = 0;
        for (var i = 0; i < label; i++) before += scores[i] < score ? 0 : 1;
        for (var i = label + 1; i < scores.Length; i++) before += scores[i] <= score ? 0 : 1;
        return float.IsNaN(score) ? scores.Length : before;
    }
}
