using Caliper.Data;

namespace Caliper.Evaluation;

/// <summary>Runs two models side by side over the same data, in one pass.</summary>
public static class ModelComparison
{
    /// <summary>Compares what two models answer, and measures both.</summary>
    /// <param name="reference">What is taken as right: the float model as a rule.</param>
    /// <param name="candidate">What is judged: the quantized model as a rule. Its outputs are matched by name, or by
    /// position where the names differ.</param>
    /// <param name="criterion">The loss to measure, or null for none.</param>
    /// <param name="loader">The data, in batches; labels are not needed.</param>
    /// <param name="evalBatches">How many batches to run, from the first; null for all.</param>
    /// <param name="progress">Told after every batch, with the candidate's accuracy.</param>
    /// <param name="cancellationToken">Ends the pass early.</param>
    /// <param name="output">Name of the reference's output that holds the class scores; the first where it is null.</param>
    /// <returns>How both do, and how close they are. Of an output whose rows numbers choose, as NonMaxSuppression does, only the rows are counted;
    /// in its place is compared what the choice reads.</returns>
    /// <exception cref="CaliperException">As <see cref="Evaluator.Evaluate"/>; and where the two models' outputs differ in
    /// number, type or shape.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled.</exception>
    public static ComparisonResult Compare(
        IModel reference,
        IModel candidate,
        ICriterion? criterion,
        IEnumerable<Batch> loader,
        int? evalBatches = null,
        IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default,
        string? output = null) =>
        Compare(reference, candidate, criterion, loader, evalBatches, vectors: null, progress, cancellationToken, output);

    /// <summary>The same, with the vectors of both models compared in the same pass.</summary>
    internal static ComparisonResult Compare(IModel reference, IModel candidate, ICriterion? criterion, IEnumerable<Batch> loader, int? evalBatches,
        VectorMeter? vectors, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken, string? output = null)
    {
        ArgumentNullException.ThrowIfNull(reference);
        ArgumentNullException.ThrowIfNull(candidate);
        ArgumentNullException.ThrowIfNull(loader);
        var compared = ComparedOutputs.Of(reference, candidate);
        using var wholeReference = ModelGraphs.Returning(reference, [.. compared.Judged.Select(j => j.Reference)]);
        using var wholeCandidate = ModelGraphs.Returning(candidate, [.. compared.Judged.Select(j => j.Candidate)]);
        (reference, candidate) = (wholeReference ?? reference, wholeCandidate ?? candidate);
        // Over many steps errors may grow: each model is fed with its own states.
        if (loader is StreamLoader streams) (reference, candidate) = (streams.Following(reference), streams.Following(candidate));
        var meters = new ComparisonMeters(compared, reference, criterion, output);
        new EvaluationPass("compare", loader, evalBatches, progress, cancellationToken) { Inputs = reference.Inputs }.Run(batch =>
        {
            var (expected, actual) = (reference.Run(batch.Inputs, cancellationToken), candidate.Run(batch.Inputs, cancellationToken));
            meters.Update(batch, expected, actual);
            vectors?.Update(batch, expected, actual);
            return meters.Acc1;
        });
        return meters.Result;
    }
}
