using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Search;
using Caliper.Tool.Inputs;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;

namespace Caliper.Tool.Flows;

/// <summary>Chooses among what a search found by running it: quality on the data that calibrated, and the time of a forward pass.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="reference">The float network.</param>
/// <param name="data">What quality is measured on.</param>
/// <param name="cancellationToken">Ends it early, with the best so far.</param>
internal sealed class TuningFlow(QuantizeOptions options, FloatModel reference, ILoader data, CancellationToken cancellationToken)
{
    private readonly QualityTarget _target = options.Search.Target ?? new(options.Search.Quality, double.NaN);

    private readonly Dictionary<SearchCandidate, ConfidenceInterval?> _intervals = new(ReferenceEqualityComparer.Instance);

    /// <summary>The qualities that the counts of a candidate that was measured fit; null where its quality is no count of samples.</summary>
    public ConfidenceInterval? IntervalOf(SearchCandidate candidate) => _intervals.GetValueOrDefault(candidate);

    /// <summary>Tunes.</summary>
    public TuningResult Tune(SearchResult found, IProgress<EvaluationProgress>? progress)
    {
        var tuning = new TuningOptions { Target = options.Search.Target?.Least, Budget = options.Search.Budget };
        using var program = options.Search.Metric is { } name ? new MetricProgram(name, reference, data, cancellationToken) : null;
        return RecipeTuning.Tune(found, candidate => Measure(found, candidate, program, progress), tuning, cancellationToken);
    }

    private (double Quality, double Milliseconds) Measure(
        SearchResult found, SearchCandidate candidate, MetricProgram? program, IProgress<EvaluationProgress>? progress)
    {
        var chosen = found with { Recipe = candidate.Recipe };
        using var converted = chosen.Form!.Convert(chosen.Complete(options.Convert));
        var (backend, _) = Int8Backend.For(converted.Model, options.Engine, data);
        using var quantized = new QuantizedModel(converted.Model, [],
            new ExecutionOptions { Threads = options.Model.Threads, Int8Backend = backend });
        return (program?.Of(quantized, cancellationToken) ?? Compare(candidate, quantized, progress),
            Latency.MedianMilliseconds(converted.Model, backend, data.First(), options.Model.Threads, cancellationToken));
    }

    private double Compare(SearchCandidate candidate, QuantizedModel quantized, IProgress<EvaluationProgress>? progress)
    {
        var result = ModelComparison.Compare(reference, quantized, null, data, null, progress, cancellationToken);
        _intervals[candidate] = _target.IntervalOf(result);
        return _target.Of(result);
    }
}
