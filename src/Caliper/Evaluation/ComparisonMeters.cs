using Caliper.Data;
using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Evaluation;

/// <summary>What two models answered, batch by batch.</summary>
internal sealed class ComparisonMeters
{
    private readonly (string Reference, string Candidate)[] _outputs;
    private readonly (string Reference, string Candidate) _scores;
    private readonly EvaluationMeters _reference;
    private readonly EvaluationMeters _candidate;
    private readonly AgreementMeter _agreement = new();
    private readonly PairedMeter _paired = new();
    private readonly OutputMeter?[] _sqnr;
    private readonly Graph? _graph;

    public ComparisonMeters(IModel reference, IModel candidate, ICriterion? criterion, string? output)
    {
        _outputs = OutputPairs(reference, candidate);
        var name = EvaluationMeters.OutputOf(reference, output);
        _scores = _outputs.First(pair => pair.Reference == name);
        criterion = CrossEntropyLoss.For(criterion, reference, _scores.Reference);
        _reference = new EvaluationMeters(criterion, _scores.Reference, isRequired: output is not null);
        _candidate = new EvaluationMeters(criterion, _scores.Candidate, isRequired: output is not null);
        (_sqnr, _graph) = (new OutputMeter?[_outputs.Length], ModelGraphs.Of(reference));
    }

    /// <summary>The candidate's top-1 accuracy so far.</summary>
    public double? Acc1 => _candidate.Acc1;

    public ComparisonResult Result => new(_reference.Result, _candidate.Result, _agreement.Percent,
        [.. _sqnr.OfType<OutputMeter>().Select(meter => meter.Result)])
    {
        AccuracyChange = _paired.Result,
        AgreementInterval = _agreement.Interval,
    };

    public void Update(Batch batch, IReadOnlyDictionary<string, Tensor> expected, IReadOnlyDictionary<string, Tensor> actual)
    {
        for (var i = 0; i < _outputs.Length; i++)
        {
            var (name, other) = _outputs[i];
            CheckAlike(name, expected[name], actual[other]);
            if (!FloatCasts.IsFloat(expected[name].Type)) continue;
            (_sqnr[i] ??= OutputMeter.Of(_graph, name)).Update(FloatCasts.ToSingle(expected[name]), FloatCasts.ToSingle(actual[other]));
        }
        _reference.Update(batch, expected);
        _candidate.Update(batch, actual);
        var scores = FloatCasts.Fit(expected[_scores.Reference], ElementType.Float32);
        if (Logits.TryFrom(scores)?.Samples != batch.Count) return;
        var others = FloatCasts.Fit(actual[_scores.Candidate], ElementType.Float32);
        _agreement.Update(scores, others);
        if (batch.Labels is { } labels) _paired.Update(scores, others, labels.AsSpan());
    }

    /// <summary>A converter may rename outputs, but it keeps their order.</summary>
    private static (string Reference, string Candidate)[] OutputPairs(IModel reference, IModel candidate)
    {
        string[] expected = [.. reference.Outputs.Select(o => o.Name)], actual = [.. candidate.Outputs.Select(o => o.Name)];
        if (expected.All(actual.Contains)) return [.. expected.Select(name => (name, name))];
        if (expected.Length == actual.Length) return [.. expected.Zip(actual)];
        throw new CaliperException($"The models cannot be compared: one returns {string.Join(", ", expected)}, "
            + $"the other {string.Join(", ", actual)}.");
    }

    private static void CheckAlike(string name, Tensor expected, Tensor actual)
    {
        if (expected.Type != actual.Type || expected.Shape != actual.Shape)
            throw new CaliperException($"The models cannot be compared: the output '{name}' is {expected} in one "
                + $"and {actual} in the other.");
    }
}
