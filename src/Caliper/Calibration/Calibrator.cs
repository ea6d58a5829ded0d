using System.Collections.Concurrent;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Preparation;
using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>
/// Observes a float network once: plain forward passes, and statistics of every tensor on the way. Each sample is run alone,
/// whatever the batch, several at a time, and is looked at while it is in the processor's cache: memory holds the tensors of
/// as many samples as there are threads.
/// </summary>
public sealed class Calibrator : IDisposable
{
    private readonly ModelRunner _runner;
    private readonly ExecutionOptions _execution;
    private readonly Dictionary<string, ObservedTensor> _tensors;
    private readonly HashSet<string> _fed;
    private readonly ConcurrentBag<SampleScan> _scans = [];

    /// <summary>Prepares to observe a network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="earlier">Statistics of it to continue; null to begin.</param>
    /// <exception cref="CaliperException"><paramref name="earlier"/> is of another model.</exception>
    public Calibrator(FusedModel model, CalibrationStatistics? earlier = null)
    {
        var values = ObservableValues.Of(model);
        var begun = new CalibrationStatistics(model.Fingerprint, values.Select(v =>
            KeyValuePair.Create(v.Name, new ObservedTensor(v.ChannelAxis, new(), new()))), []);
        Statistics = earlier is null ? begun : CalibrationStatistics.Merge(begun, earlier);
        _tensors = Statistics.Tensors.ToDictionary(StringComparer.Ordinal);
        _fed = [.. model.Inputs.Select(i => i.Name)];
        _execution = model.Execution;
        // A thread has a sample of its own; within a sample there is nothing left to share.
        _runner = new ModelRunner(ObservedGraph.Of(model.Model, _tensors.Keys), _execution with { Threads = 1 });
    }

    /// <summary>What was observed so far. It grows with each batch; save it between batches.</summary>
    public CalibrationStatistics Statistics { get; }

    /// <summary>Runs inference on some data and observes it.</summary>
    /// <param name="data">The data, in batches.</param>
    /// <param name="batches">How many batches to run, from the first; null for all.</param>
    /// <param name="progress">Told after every batch.</param>
    /// <param name="cancellationToken">Ends the work early.</param>
    /// <param name="isEnough">Given each batch's ranges, decides whether to stop; null to go on.</param>
    /// <exception cref="CaliperException">There is no data, an input contains NaN or infinity, or does not fit the model.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled; what was observed so far is in
    /// <see cref="Statistics"/>.</exception>
    public void Observe(IEnumerable<Batch> data, int? batches = null, IProgress<EvaluationProgress>? progress = null,
        CancellationToken cancellationToken = default, Func<IReadOnlyDictionary<string, RealRange>, bool>? isEnough = null)
    {
        IReadOnlyDictionary<string, RealRange>? ranges = null;
        new EvaluationPass("calibrate", data, batches, progress, cancellationToken).Run(batch =>
        {
            ranges = Observe(batch, cancellationToken);
            return null;
        }, () => isEnough?.Invoke(ranges!) is true);
    }

    /// <summary>Runs inference on each sample of a batch and observes it.</summary>
    /// <returns>The range of each tensor over the batch, by name: what depends on how the data is cut and is therefore in no
    /// statistic.</returns>
    /// <exception cref="CaliperException">An input does not fit the model.</exception>
    /// <exception cref="OperationCanceledException"><paramref name="cancellationToken"/> was cancelled. Samples that had begun are observed,
    /// the others are not, and <see cref="Statistics"/> says which: it can be saved, and the rest observed later.</exception>
    public IReadOnlyDictionary<string, RealRange> Observe(Batch batch, CancellationToken cancellationToken = default)
    {
        var size = _runner.FixedBatch is 0 ? 1 : _runner.FixedBatch;
        var pieces = Batches.PiecesOf(batch.Count, size);
        var samples = new ObservedSample?[batch.Count];
        var ranges = new ConcurrentDictionary<string, RealRange>(StringComparer.Ordinal);
        Threads.Each(pieces, _execution.Threads, piece =>
        {
            if (!cancellationToken.IsCancellationRequested) ObservePiece(batch, piece * size, size, samples, ranges);
        });
        foreach (var sample in samples.OfType<ObservedSample>()) Statistics.Add(sample);
        cancellationToken.ThrowIfCancellationRequested();
        return ranges;
    }

    /// <summary>Frees what running the model took.</summary>
    public void Dispose() => _runner.Dispose();

    private void ObservePiece(Batch batch, int start, int count, ObservedSample?[] samples,
        ConcurrentDictionary<string, RealRange> ranges)
    {
        var inputs = batch.Inputs.ToDictionary(i => i.Key, i => Batches.Slice(i.Value, start, count), StringComparer.Ordinal);
        var names = batch.SampleNames[start..(start + count)].Select(name => (name, ObservedSample.HalfOf(name))).ToArray();
        _runner.Run(inputs, null, (fed, result) =>
        {
            var scan = _scans.TryTake(out var idle) ? idle : new SampleScan();
            foreach (var (name, tensor) in _tensors)
            {
                foreach (var range in ObserveTensor(scan, tensor, _fed.Contains(name) ? fed[name] : result[name], names))
                    ranges.AddOrUpdate(name, range, (_, before) => (MathF.Min(before.Min, range.Min), MathF.Max(before.Max, range.Max)));
            }
            _scans.Add(scan);
        }, CancellationToken.None);
        // Not before all of it is observed: an entry in the ledger says so.
        for (var i = 0; i < count; i++)
            samples[start + i] = ObservedSample.Of(batch.SampleNames[start + i],
                inputs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => Batches.Slice(p.Value, i, 1)));
    }

    private static List<RealRange> ObserveTensor(
        SampleScan scan, ObservedTensor tensor, Tensor values, ReadOnlySpan<(string Name, int Half)> samples)
    {
        var ranges = new List<RealRange>();
        if (values.Type != ElementType.Float32) return ranges;
        var elements = values.Span<float>();
        // Where a model insists on a batch, a tensor without that axis belongs to its first sample.
        var perSample = values.Shape is { Rank: > 0 } shape && shape[0].Length == samples.Length ? elements.Length / samples.Length : elements.Length;
        var layout = ChannelLayout.Of(values.Shape, tensor.ChannelAxis, perSample);
        for (var i = 0; i * perSample < elements.Length; i++)
        {
            var part = elements.Slice(i * perSample, perSample);
            if (tensor.Half(samples[i].Half).Observe(scan, part, layout, samples[i].Name) is { } range) ranges.Add(range);
        }
        return ranges;
    }
}
