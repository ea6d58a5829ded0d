using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>Counts the samples of which only one of two models chooses the label.</summary>
internal sealed class PairedMeter
{
    private int _samples;
    private int _lost;
    private int _gained;

    /// <summary>What changed, or null where nothing was measured.</summary>
    public AccuracyChange? Result => _samples == 0 ? null : new(_samples, _lost, _gained);

    /// <summary>Takes the class scores of both models in; labels are classes of them. Tensors that are no class scores are passed over.</summary>
    public void Update(Tensor reference, Tensor candidate, ReadOnlySpan<int> labels)
    {
        if (Logits.TryFrom(reference) is not { } expected || Logits.TryFrom(candidate) is not { } actual) return;
        if (expected.Samples != labels.Length || actual.Samples != labels.Length) return;
        for (var i = 0; i < labels.Length; i++)
        {
            var (before, after) = (IsRight(labels[i], expected.Row(i)), IsRight(labels[i], actual.Row(i)));
            if (before && !after) _lost++;
            if (after && !before) _gained++;
        }
        _samples += labels.Length;
    }

    private static bool IsRight(int label, ReadOnlySpan<float> scores) => Accuracy.RankOf(label, scores) == 0;
}
