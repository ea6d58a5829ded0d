using System.Collections.Immutable;
using Caliper.Evaluation;
using Caliper.Execution;

namespace Caliper.Analysis;

/// <summary>Runs a float network and the int8 network made from it over the same data, and tells tensor by tensor what differs.</summary>
public static class LayerComparison
{
    /// <summary>Compares the two; of the activations of a sample only sums are kept.</summary>
    /// <param name="reference">The float network, fused as it was for conversion.</param>
    /// <param name="candidate">The int8 network, in QDQ or QOperator form.</param>
    /// <param name="loader">The data, in batches; labels are not needed.</param>
    /// <param name="options">How far to go; null for the defaults.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="ct">Ends the work early.</param>
    /// <exception cref="CaliperException">The networks do not belong together, or the data does not fit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static QuantizationReport Compare(FusedModel reference, QuantizedModel candidate, IEnumerable<Batch> loader,
        LayerComparisonOptions? options = null, IProgress<EvaluationProgress>? progress = null, CancellationToken ct = default)
    {
        options ??= new LayerComparisonOptions();
        var matched = Correspondence.Of(reference, candidate.Model.Graph);
        using var pair = new ComparedPair(reference, candidate, matched);
        var meters = new ComparisonMeters(reference, candidate, options.Criterion, output: null);
        var kept = new List<KeptSample>();
        new EvaluationPass("compare", loader, options.Batches, progress, ct).Run(batch =>
        {
            var pieces = PiecesOf(batch, pair.PieceSize);
            var outputs = pair.Update([.. pieces.Select(p => p.Inputs)], ct);
            meters.Update(batch, outputs.Float, outputs.Deployed);
            kept.AddRange(pieces.Take(options.SensitivitySamples - kept.Count).Select(Copy));
            return meters.Acc1;
        });
        var tensors = Enumerable.Range(0, matched.Tensors.Length).Select(pair.ErrorOf).ToImmutableArray();
        var weights = matched.Weights.Select(w => WeightRounding.Of(w, reference.Model.Graph, reference.Layers.First(l => l.Name == w.Layer))).ToImmutableArray();
        var result = meters.Result;
        var report = new QuantizationReport(result.Reference.Samples, result.Sqnr, tensors, weights, [])
        {
            Evaluation = result,
            Headrooms = HeadroomProof.Of(reference, candidate.Model.Graph, matched, tensors),
        };
        return kept.Count == 0 ? report : Explained(report, new SwitchedNetwork(reference, matched, kept, options.Criterion), reference, matched, options, ct);
    }

    /// <summary>The report with what each source of noise costs at the output, and the verdict.</summary>
    private static QuantizationReport Explained(QuantizationReport report, SwitchedNetwork network, FusedModel reference, Correspondence matched,
        LayerComparisonOptions options, CancellationToken ct)
    {
        using var _ = network;
        var sensitivity = Sensitivity.Measure(network, report.Weights.Length, options.SensitivityBudget, ct);
        return report with
        {
            Tensors = [.. report.Tensors.Zip(matched.Tensors, sensitivity.Tell)],
            Weights = [.. report.Weights.Select(sensitivity.Tell)],
            Findings = new Verdict(reference, matched, report.Tensors, report.Weights, sensitivity).Findings(ct),
            SensitivitySamples = network.Samples.Length,
        };
    }

    private static List<KeptSample> PiecesOf(Batch batch, int size)
    {
        if (batch.Count % size != 0)
            throw new CaliperException($"The model takes batches of exactly {size}; a batch of {batch.Count} is no multiple of it.");
        return [.. Enumerable.Range(0, batch.Count / size).Select(piece => new KeptSample(
            batch.Inputs.ToDictionary(i => i.Key, i => Batches.Slice(i.Value, piece * size, size), StringComparer.Ordinal),
            batch.Labels is { } labels ? labels.Slice(piece * size, size) : null))];
    }

    private static KeptSample Copy(KeptSample sample) =>
        sample with { Inputs = sample.Inputs.ToDictionary(s => s.Key, s => Batches.Copy(s.Value), StringComparer.Ordinal) };
}
