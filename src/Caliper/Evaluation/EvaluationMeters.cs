using Caliper.Data;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Preparation;

namespace Caliper.Evaluation;

/// <summary>Accuracy and loss of one model, batch by batch.</summary>
/// <param name="criterion">The loss to measure, or null for none.</param>
/// <param name="output">Name of the output that holds the class scores; null where there are none to measure.</param>
/// <param name="isRequired">Whether it is an error that this output holds none. One that nobody asked for by name, of a
/// detector say, merely has no accuracy.</param>
internal sealed class EvaluationMeters(ICriterion? criterion, string? output, bool isRequired)
{
    private readonly AverageMeter _acc1 = new("Acc@1");
    private readonly AverageMeter _acc5 = new("Acc@5");
    private readonly AverageMeter _loss = new("Loss");
    private int _samples;
    private int _batches;

    /// <summary>Top-1 accuracy so far, in percent, or null where there is none.</summary>
    public double? Acc1 => AverageOf(_acc1);

    public EvaluationResult Result => new(_samples, _batches, Acc1, AverageOf(_acc5), AverageOf(_loss));

    /// <summary>The named output of a model, or the first.</summary>
    public static string OutputOf(IModel model, string? name)
    {
        if (name is null) return model.Outputs[0].Name;
        return model.Outputs.Any(o => o.Name == name) ? name : throw new CaliperException(
            $"The model has no output '{name}'; it has {string.Join(", ", model.Outputs.Select(o => $"'{o.Name}'"))}."
            + Suggestion.For(name, model.Outputs.Select(o => o.Name)));
    }

    /// <summary>The same; null where nobody named it and numbers choose its rows: whatever such rows hold, they are no scores of the
    /// samples.</summary>
    public static string? ScoresOf(IModel model, string? name)
    {
        var found = OutputOf(model, name);
        return name is null && ModelGraphs.Of(model) is { } graph && RowChoices.Of(graph).IsChosen(found) ? null : found;
    }

    public void Update(Batch batch, IReadOnlyDictionary<string, Tensor> outputs)
    {
        _samples += batch.Count;
        _batches++;
        if (output is null || batch.Labels is not { } labels) return;
        try
        {
            Measure(FloatCasts.Fit(outputs[output], ElementType.Float32), labels.AsSpan());
        }
        catch (CaliperException e)
        {
            throw new CaliperException(
                $"The batch of samples '{batch.SampleNames[0]}' to '{batch.SampleNames[^1]}': {e.Message}", e);
        }
    }

    private void Measure(Tensor scores, ReadOnlySpan<int> labels)
    {
        var areScores = isRequired || Logits.TryFrom(scores)?.Samples == labels.Length;
        if (areScores)
        {
            var accuracy = Accuracy.TopK(scores, labels, 1, 5);
            _acc1.Update(accuracy[0], labels.Length);
            if (scores.Shape[1].Length >= 5) _acc5.Update(accuracy[1], labels.Length);
        }
        if (criterion is not null && (areScores || criterion is not CrossEntropyLoss)) _loss.Update(criterion.Loss(scores, labels), labels.Length);
    }

    private static double? AverageOf(AverageMeter meter) => meter.Count == 0 ? null : meter.Avg;
}
