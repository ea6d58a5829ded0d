using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>Accuracy and loss of one model, batch by batch.</summary>
internal sealed class EvaluationMeters(IModel model, ICriterion? criterion, string? output)
{
    private readonly string _output = OutputOf(model, output);
    private readonly AverageMeter _acc1 = new("Acc@1");
    private readonly AverageMeter _acc5 = new("Acc@5");
    private readonly AverageMeter _loss = new("Loss", "{0:0.0000e+00}");
    private int _samples;
    private int _batches;

    /// <summary>Top-1 accuracy so far, in percent, or null where there is none.</summary>
    public double? Acc1 => AverageOf(_acc1);

    public EvaluationResult Result => new(_samples, _batches, Acc1, AverageOf(_acc5), AverageOf(_loss));

    public void Update(Batch batch, IReadOnlyDictionary<string, Tensor> outputs)
    {
        _samples += batch.Count;
        _batches++;
        if (batch.Labels is not { } labels) return;
        var scores = outputs[_output];
        try
        {
            Measure(scores, labels.AsSpan());
        }
        catch (CaliperException e)
        {
            throw new CaliperException($"The batch of samples '{batch.SampleNames[0]}' to '{batch.SampleNames[^1]}': {e.Message}", e);
        }
    }

    /// <summary>An output that was not asked for by name and holds no class scores, of a detector say, has no accuracy.</summary>
    private void Measure(Tensor scores, ReadOnlySpan<int> labels)
    {
        if (output is not null || Logits.TryFrom(scores) is not null)
        {
            var accuracy = Accuracy.TopK(scores, labels, 1, 5);
            _acc1.Update(accuracy[0], labels.Length);
            if (scores.Shape[1].Length >= 5) _acc5.Update(accuracy[1], labels.Length);
        }
        if (criterion is not null) _loss.Update(criterion.Loss(scores, labels), labels.Length);
    }

    private static double? AverageOf(AverageMeter meter) => meter.Count == 0 ? null : meter.Avg;

    private static string OutputOf(IModel model, string? name)
    {
        if (name is null) return model.Outputs[0].Name;
        return model.Outputs.Any(o => o.Name == name) ? name : throw new CaliperException(
            $"The model has no output '{name}'; it has {string.Join(", ", model.Outputs.Select(o => $"'{o.Name}'"))}.");
    }
}
