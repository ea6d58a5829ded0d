using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Evaluation;

/// <summary>What two models answered, batch by batch.</summary>
internal sealed class ComparisonMeters
{
    private readonly ComparedOutputs _compared;
    private readonly ImmutableArray<(string Reference, string Candidate)> _outputs;
    private readonly (string Reference, string Candidate)? _scores;
    private readonly EvaluationMeters _reference;
    private readonly EvaluationMeters _candidate;
    private readonly AgreementMeter _agreement = new();
    private readonly PairedMeter _paired = new();
    private readonly OutputMeter?[] _sqnr;
    private readonly (long Reference, long Candidate)[] _rows;
    private readonly Graph? _graph;

    /// <param name="compared">By what they are compared.</param>
    /// <param name="reference">What is taken as right.</param>
    /// <param name="criterion">The loss to measure, or null for none.</param>
    /// <param name="output">Name of the reference's output that holds the class scores; the first where it is null.</param>
    public ComparisonMeters(ComparedOutputs compared, IModel reference, ICriterion? criterion, string? output)
    {
        (_compared, _outputs) = (compared, compared.Judged);
        var name = EvaluationMeters.OutputOf(reference, output);
        if (output is not null || !compared.IsChosen(name)) _scores = _outputs.Concat(compared.Chosen).First(pair => pair.Reference == name);
        criterion = CrossEntropyLoss.For(criterion, reference, _scores?.Reference);
        _reference = new EvaluationMeters(criterion, _scores?.Reference, isRequired: output is not null);
        _candidate = new EvaluationMeters(criterion, _scores?.Candidate, isRequired: output is not null);
        (_sqnr, _graph) = (new OutputMeter?[_outputs.Length], ModelGraphs.Of(reference));
        _rows = new (long, long)[compared.Chosen.Length];
    }

    /// <summary>The candidate's top-1 accuracy so far.</summary>
    public double? Acc1 => _candidate.Acc1;

    public ComparisonResult Result => new(_reference.Result, _candidate.Result, _agreement.Percent,
        [.. _sqnr.OfType<OutputMeter>().Select(meter => meter.Result)])
    {
        AccuracyChange = _paired.Result,
        AgreementInterval = _agreement.Interval,
        Rows = [.. _compared.Chosen.Zip(_rows).Where(c => _compared.RowLength(c.First.Reference) is not null)
            .Select(c => new OutputRows(c.First.Reference, c.Second.Reference, c.Second.Candidate))],
    };

    public void Update(Batch batch, IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        for (var i = 0; i < _outputs.Length; i++)
        {
            var (name, other) = _outputs[i];
            CheckAlike(name, expected[name], actual[other]);
            if (!FloatCasts.IsFloat(expected[name].Type)) continue;
            (_sqnr[i] ??= OutputMeter.Of(_graph, name)).Update(
                FloatCasts.ToSingle(expected[name]), FloatCasts.ToSingle(actual[other]), batch.SampleNames);
        }
        foreach (var (i, (name, other)) in _compared.Chosen.Index())
        {
            if (_compared.RowLength(name) is not { } length) continue;
            _rows[i] = (_rows[i].Reference + (expected[name].Count / length), _rows[i].Candidate + (actual[other].Count / length));
        }
        _reference.Update(batch, expected);
        _candidate.Update(batch, actual);
        if (_scores is not { } answer) return;
        var scores = FloatCasts.Fit(expected[answer.Reference], ElementType.Float32);
        if (Logits.TryFrom(scores)?.Samples != batch.Count) return;
        var others = FloatCasts.Fit(actual[answer.Candidate], ElementType.Float32);
        _agreement.Update(scores, others);
        if (batch.Labels is { } labels) _paired.Update(scores, others, labels.AsSpan());
    }

    private static void CheckAlike(string name, Tensor expected, Tensor actual)
    {
        if (expected.Type != actual.Type || expected.Shape != actual.Shape)
            throw new CaliperException($"The models cannot be compared: the output '{name}' is {expected} in one "
                + $"and {actual} in the other.");
    }
}
