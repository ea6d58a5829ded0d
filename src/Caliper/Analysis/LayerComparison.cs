using System.Collections.Immutable;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Analysis;

/// <summary>Runs a float network and the int8 network made from it over the same data, and tells tensor by tensor what differs.</summary>
public static class LayerComparison
{
    /// <summary>Compares the two, one sample at a time; no activation is kept beyond its sample.</summary>
    /// <param name="reference">The float network, fused as it was for conversion.</param>
    /// <param name="candidate">The int8 network in QDQ form.</param>
    /// <param name="loader">The data, in batches; labels are not needed.</param>
    /// <param name="batches">How many batches to run, from the first; null for all.</param>
    /// <param name="sensitivitySamples">On how many samples, from the first, each int8 tensor is measured alone; 0 for none.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="ct">Ends the work early.</param>
    /// <exception cref="CaliperException">The networks do not belong together, or the data does not fit.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="ct"/> was cancelled.</exception>
    public static QuantizationReport Compare(FusedModel reference, QuantizedModel candidate, IEnumerable<Batch> loader, int? batches = null,
        int sensitivitySamples = 4, IProgress<EvaluationProgress>? progress = null, CancellationToken ct = default)
    {
        var matched = Correspondence.Of(reference, candidate.Model.Graph);
        using var pair = new ComparedPair(reference, candidate, matched);
        var kept = new List<IReadOnlyDictionary<string, Tensor>>();
        new EvaluationPass("compare", loader, batches, progress, ct).Run(batch =>
        {
            foreach (var sample in Samples(batch, pair.FixedBatch))
            {
                pair.Update(sample, ct);
                if (kept.Count < sensitivitySamples) kept.Add(Copy(sample));
            }
            return null;
        });
        var tensors = Enumerable.Range(0, matched.Tensors.Length).Select(pair.ErrorOf).ToImmutableArray();
        var weights = matched.Weights.Select(w => WeightRounding.Of(w, reference.Model.Graph, reference.Layers.First(l => l.Name == w.Layer))).ToImmutableArray();
        var report = new QuantizationReport(pair.Samples, pair.Outputs, tensors, weights, [])
        {
            Headrooms = HeadroomProof.Of(reference, candidate.Model.Graph, matched, tensors),
        };
        if (kept.Count == 0) return report;

        using var network = new SwitchedNetwork(reference, matched, kept, ct);
        var sensitivity = Sensitivity.Measure(network, weights.Length, ct);
        return report with
        {
            Tensors = [.. tensors.Zip(matched.Tensors, (error, tensor) => error with { OutputDecibels = sensitivity.DecibelsOf(tensor) })],
            Weights = [.. weights.Select((error, i) => error with { OutputDecibels = sensitivity.DecibelsOfWeight(i) })],
            Findings = new Verdict(reference, matched, tensors, weights, sensitivity).Findings(ct),
        };
    }

    private static IEnumerable<IReadOnlyDictionary<string, Tensor>> Samples(Batch batch, int fixedBatch)
    {
        var size = fixedBatch is 0 ? 1 : fixedBatch;
        if (batch.Count % size != 0)
            throw new CaliperException($"The model takes batches of exactly {size}; a batch of {batch.Count} is no multiple of it.");
        for (var start = 0; start < batch.Count; start += size)
            yield return batch.Inputs.ToDictionary(i => i.Key, i => Batches.Slice(i.Value, start, size), StringComparer.Ordinal);
    }

    private static Dictionary<string, Tensor> Copy(IReadOnlyDictionary<string, Tensor> sample) =>
        sample.ToDictionary(s => s.Key, s => Batches.Copy(s.Value), StringComparer.Ordinal);
}
