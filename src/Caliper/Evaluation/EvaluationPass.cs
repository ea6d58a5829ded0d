using System.Numerics.Tensors;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Evaluation;

/// <summary>One walk over the first batches of some data: counts, refuses what cannot be measured, takes padding away, reports
/// progress.</summary>
internal sealed class EvaluationPass(
    string stage, IEnumerable<Batch> loader, int? batchLimit, IProgress<EvaluationProgress>? progress, CancellationToken cancellationToken)
{
    private int? _samplesTotal;

    /// <summary>What the network takes: tells where samples are padded. Empty to leave them as they are.</summary>
    public IReadOnlyList<Value> Inputs { get; init; } = [];

    /// <summary>Samples that earlier passes have seen: numbers that are names go on from there.</summary>
    public int SamplesBefore { get; init; }

    /// <summary>Gives each batch, or its parts of one length, to <paramref name="measure"/>, which returns the accuracy so far.</summary>
    /// <param name="measure">What to do with a batch.</param>
    /// <param name="isEnough">Asked after each batch whether to stop; null to go on.</param>
    public void Run(Func<Batch, double?> measure, Func<bool>? isEnough = null)
    {
        if (batchLimit < 1) throw new CaliperException($"The number of batches must be 1 or more, not {batchLimit}.");
        int batches = 0, samples = 0;
        bool? hasLabels = null;
        var unpadding = Unpadding.Of(Inputs);
        foreach (var given in loader)
        {
            var batch = Given(given, batches).NumberedFrom(SamplesBefore + samples);
            cancellationToken.ThrowIfCancellationRequested();
            Check(batch, batches, ref hasLabels);
            if (batches == 0) _samplesTotal = TotalGiven(batch.Count);
            double? acc1 = null;
            foreach (var part in unpadding?.Of(batch) ?? [batch])
            {
                cancellationToken.ThrowIfCancellationRequested();
                acc1 = measure(part);
            }
            samples += batch.Count;
            progress?.Report(new EvaluationProgress(stage, samples, _samplesTotal, acc1));
            // Also told of the last batch: who decides may as well be keeping a record.
            var enough = isEnough?.Invoke() is true;
            // Leaves before asking for a batch that would not be used: decoding it may cost as much as running it.
            if (++batches == batchLimit || enough) break;
        }
        cancellationToken.ThrowIfCancellationRequested();
        if (batches == 0) throw new CaliperException("The data has no samples: there is nothing to run the model on.");
    }

    /// <summary>Only the last batch of a loader may be smaller than the first.</summary>
    private int? TotalGiven(int firstBatch) => loader is not ILoader known ? null
        : batchLimit is { } limit ? (int)Math.Min(known.SampleCount, (long)limit * firstBatch)
        : known.SampleCount;

    /// <summary>A batch that somebody made by hand may lack anything.</summary>
    private static Batch Given(Batch? batch, int index) =>
        batch is { SampleNames.IsDefault: false, Inputs: not null, Labels: not { IsDefault: true } } && batch.Inputs.Values.All(i => i is not null)
            ? batch : throw new CaliperException($"Batch {index} of the data is null, or lacks its inputs, its labels or the names of its samples.");

    private static void Check(Batch batch, int index, ref bool? hasLabels)
    {
        if (batch.Count == 0) throw new CaliperException($"Batch {index} of the data has no samples.");
        if (batch.Labels is { } labels && labels.Length != batch.Count)
            throw new CaliperException($"Batch {index} of the data has {labels.Length} labels for {batch.Count} samples.");
        if (hasLabels is { } before && before != batch.Labels.HasValue)
            throw new CaliperException($"Batch {index} of the data {(before ? "lacks" : "has")} labels, unlike those before it.");
        hasLabels = batch.Labels.HasValue;
        batch.CheckSamples();
        foreach (var (name, input) in batch.Inputs)
        {
            if (!IsFinite(input)) throw NotFinite(batch, index, name, input);
        }
    }

    /// <summary>A vectorized look at every element: one value that is no number would spoil every statistic after it.</summary>
    private static bool IsFinite(Tensor tensor) => tensor.Type switch
    {
        ElementType.Float32 => TensorPrimitives.IsFiniteAll(tensor.Span<float>()),
        ElementType.Float64 => TensorPrimitives.IsFiniteAll(tensor.Span<double>()),
        ElementType.Float16 => TensorPrimitives.IsFiniteAll(tensor.Span<Half>()),
        _ => true,
    };

    private static CaliperException NotFinite(Batch batch, int index, string name, Tensor input)
    {
        var sample = Enumerable.Range(0, batch.Count).First(i => !IsFinite(Batches.Samples(input, batch.Count, i, 1)));
        var what = name.Length == 0 ? "The input" : $"The input '{name}'";
        return new CaliperException($"{what} of sample '{batch.SampleNames[sample]}' (batch {index}) contains NaN or infinity; "
            + "repair the data, or check the preprocessing for a division by zero.");
    }
}
