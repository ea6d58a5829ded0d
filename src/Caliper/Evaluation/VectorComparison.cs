using Caliper.Data;

namespace Caliper.Evaluation;

/// <summary>Tells whether vectors that one model made still serve where another makes the queries: is an old index still valid?</summary>
public static class VectorComparison
{
    /// <summary>Runs both models over the same data, and compares a vector a sample.</summary>
    /// <param name="reference">The model that made the index: the float model as a rule.</param>
    /// <param name="candidate">The model that makes the queries: the quantized model as a rule.</param>
    /// <param name="pooling">How an output becomes a vector.</param>
    /// <param name="loader">The data, in batches; labels are not needed.</param>
    /// <param name="pairs">Pairs of samples that somebody scored, by their names; null for none.</param>
    /// <param name="evalBatches">How many batches to run, from the first; null for all.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Ends the pass early.</param>
    /// <exception cref="CaliperException">There is no data; no output has the shape that the pooling needs; or the models' vectors differ in
    /// length.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static VectorComparisonResult Compare(IModel reference, IModel candidate, Pooling pooling, IEnumerable<Batch> loader,
        IEnumerable<ScoredPair>? pairs = null, int? evalBatches = null, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(loader);
        var meter = new VectorMeter(reference, candidate, pooling, pairs ?? []);
        new EvaluationPass("compare", loader, evalBatches, progress, cancellationToken) { Inputs = reference.Inputs }.Run(batch =>
        {
            meter.Update(batch, reference.Run(batch.Inputs, cancellationToken), candidate.Run(batch.Inputs, cancellationToken));
            return null;
        });
        return meter.Result;
    }
}
