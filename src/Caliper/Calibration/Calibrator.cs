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
    private readonly ObservedNetwork _network;
    private readonly StatisticsRecorder _recorder;
    private readonly Unpadding? _unpadding;

    /// <summary>Prepares to observe a network.</summary>
    /// <param name="model">The network.</param>
    /// <param name="earlier">Statistics of it to continue; null to begin.</param>
    /// <exception cref="CaliperException"><paramref name="earlier"/> is of another model.</exception>
    public Calibrator(FusedModel model, CalibrationStatistics? earlier = null)
        : this(model, earlier, null)
    {
    }

    /// <summary>The same, for some of the network's values only.</summary>
    internal Calibrator(FusedModel model, CalibrationStatistics? earlier, Func<string, bool>? observes)
    {
        ArgumentNullException.ThrowIfNull(model);
        var begun = StatisticsRecorder.Begin(model, observes);
        Statistics = earlier is null ? begun : CalibrationStatistics.Merge(begun, earlier);
        (_recorder, _unpadding) = (new(Statistics), Unpadding.Of(model.Inputs));
        _network = new ObservedNetwork(model.Model, Statistics.Tensors.Keys, model.Execution, apart: true);
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
        ArgumentNullException.ThrowIfNull(data);
        IReadOnlyDictionary<string, RealRange>? ranges = null;
        var pass = new EvaluationPass("calibrate", data, batches, progress, cancellationToken) { SamplesBefore = Statistics.Samples.Count };
        pass.Run(batch =>
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
        ArgumentNullException.ThrowIfNull(batch);
        batch = batch.NumberedFrom(Statistics.Samples.Count);
        batch.CheckSamples();
        var size = Math.Max(1, _network.PieceSize(batch.Inputs, batch.Count));
        var pieces = batch.Count / size;
        var samples = new ObservedSample?[batch.Count];
        var ranges = new ConcurrentDictionary<string, RealRange>(StringComparer.Ordinal);
        Threads.Each(pieces, _network.AtOnce(Unpadded(PieceOf(batch, 0, size), size)), piece =>
        {
            if (!cancellationToken.IsCancellationRequested) ObservePiece(batch, piece * size, size, samples, ranges);
        });
        _recorder.Enter(samples.OfType<ObservedSample>());
        cancellationToken.ThrowIfCancellationRequested();
        return ranges;
    }

    /// <summary>Frees what running the model took.</summary>
    public void Dispose() => _network.Dispose();

    private void ObservePiece(Batch batch, int start, int count, ObservedSample?[] samples,
        ConcurrentDictionary<string, RealRange> ranges)
    {
        var inputs = PieceOf(batch, start, count);
        var names = batch.SampleNames[start..(start + count)];
        _network.Run(Unpadded(inputs, count), null, count, pass => _recorder.Look(pass, names.AsSpan(), ranges, threads: 1), apart: false,
            CancellationToken.None);
        // Not before all of it is observed: an entry in the ledger says so.
        foreach (var (i, entry) in StatisticsRecorder.EntriesOf(inputs, names).Index()) samples[start + i] = entry;
    }

    private static Dictionary<string, Tensor> PieceOf(Batch batch, int start, int count) =>
        batch.Inputs.ToDictionary(i => i.Key, i => Batches.Samples(i.Value, batch.Count, start, count), StringComparer.Ordinal);

    private IReadOnlyDictionary<string, Tensor> Unpadded(IReadOnlyDictionary<string, Tensor> inputs, int count) =>
        count == 1 && _unpadding is not null ? _unpadding.OfOne(inputs) : inputs;
}
