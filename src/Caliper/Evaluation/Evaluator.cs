using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Evaluation;

/// <summary>
/// Runs a model over data and measures how well it does. It does inference and nothing else: on a prepared model the same
/// call calibrates, because the observers inside watch the forward passes.
/// </summary>
public static class Evaluator
{
    /// <summary>Runs the model on each batch, and measures accuracy and loss where the data has labels.</summary>
    /// <param name="model">The model, at any stage of the flow.</param>
    /// <param name="criterion">The loss to measure, or null for none.</param>
    /// <param name="loader">The data, in batches.</param>
    /// <param name="evalBatches">How many batches to run, from the first; null for all.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Ends the pass early.</param>
    /// <param name="output">Name of the output that holds the class scores; the first where it is null. Accuracy is
    /// measured where that output is Float32 of shape [N,C] or [N,C,1,1]; nothing is measured of a first output whose rows
    /// numbers choose, as boxes that are left are.</param>
    /// <param name="metrics">Further measures of your own, fresh ones for each evaluation; null for none.</param>
    /// <exception cref="CaliperException">There is no data, an input contains NaN or infinity, a label is no class of the
    /// model, a named output is missing or holds no class scores, or two metrics have one name.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static EvaluationResult Evaluate(
        IModel model,
        ICriterion? criterion,
        IEnumerable<Batch> loader,
        int? evalBatches = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default,
        string? output = null,
        IReadOnlyList<IMetric>? metrics = null) =>
        EvaluateBy(model, batch => model.Run(batch.Inputs, cancellationToken), criterion, loader, evalBatches, progress, cancellationToken, output,
            metrics);

    /// <summary>The same, with each batch run in a way of the caller's.</summary>
    internal static EvaluationResult EvaluateBy(IModel model, Func<Batch, IReadOnlyDictionary<string, Tensor>> run, ICriterion? criterion,
        IEnumerable<Batch> loader, int? evalBatches, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken,
        string? output = null, IReadOnlyList<IMetric>? metrics = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(loader);
        CheckNames(metrics ?? []);
        var scores = EvaluationMeters.ScoresOf(model, output);
        var meters = new EvaluationMeters(CrossEntropyLoss.For(criterion, model, scores), scores, isRequired: output is not null);
        new EvaluationPass("evaluate", loader, evalBatches, progress, cancellationToken) { Inputs = model.Inputs }.Run(batch =>
        {
            var outputs = run(batch);
            meters.Update(batch, outputs);
            foreach (var metric in metrics ?? []) metric.Update(batch, outputs);
            return meters.Acc1;
        });
        return meters.Result with { Metrics = (metrics ?? []).ToImmutableSortedDictionary(m => m.Name, m => m.Value, StringComparer.Ordinal) };
    }

    /// <summary>The result has one value a name: two of one name are told before the pass, not after it.</summary>
    private static void CheckNames(IReadOnlyList<IMetric> metrics)
    {
        foreach (var metric in metrics) ArgumentNullException.ThrowIfNull(metric, nameof(metrics));
        if (metrics.GroupBy(m => m.Name, StringComparer.Ordinal).FirstOrDefault(g => g.Count() > 1) is { Key: var name })
            throw new CaliperException($"Two metrics are called '{name}'; give each a name of its own.");
    }
}
