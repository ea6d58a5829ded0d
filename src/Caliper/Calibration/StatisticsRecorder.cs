using System.Collections.Concurrent;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Preparation;
using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>Looks at forward passes, whoever makes them, and keeps the statistics of every tensor sample by sample. Several threads may show
/// it passes at once.</summary>
/// <param name="statistics">What is kept so far; it grows.</param>
internal sealed class StatisticsRecorder(CalibrationStatistics statistics)
{
    private readonly KeyValuePair<string, ObservedTensor>[] _tensors = [.. statistics.Tensors];
    private readonly ConcurrentBag<SampleScan> _scans = [];

    /// <summary>Statistics of nothing yet.</summary>
    /// <param name="model">The network.</param>
    /// <param name="observes">Whether a value is looked at; null for every one that could become int8.</param>
    public static CalibrationStatistics Begin(FusedModel model, Func<string, bool>? observes = null) =>
        new(model.Fingerprint, ObservableValues.Of(model).Where(v => observes?.Invoke(v.Name) is not false)
            .Select(v => KeyValuePair.Create(v.Name, new ObservedTensor(v.ChannelAxis, new(), new()))), []);

    /// <summary>Takes in a pass.</summary>
    /// <param name="pass">What there is to see.</param>
    /// <param name="names">The names of its samples.</param>
    /// <param name="ranges">The range of each tensor over a batch; is widened by what is seen.</param>
    /// <param name="threads">How many look at once, 0 for one per processor.</param>
    public void Look(ObservedPass pass, ReadOnlySpan<string> names, ConcurrentDictionary<string, RealRange> ranges, int threads)
    {
        var samples = new (string Name, int Half)[names.Length];
        for (var i = 0; i < samples.Length; i++) samples[i] = (names[i], ObservedSample.HalfOf(names[i]));
        if (threads == 1) foreach (var tensor in _tensors) Look(tensor, pass, samples, ranges);
        else Threads.Each(_tensors.Length, threads, i => Look(_tensors[i], pass, samples, ranges));
    }

    /// <summary>Enters samples that all was seen of, so that nobody counts them twice.</summary>
    public void Enter(IEnumerable<ObservedSample> samples)
    {
        foreach (var sample in samples) statistics.Add(sample);
    }

    /// <summary>The entries of some samples of a batch.</summary>
    public static IEnumerable<ObservedSample> EntriesOf(IReadOnlyDictionary<string, Tensor> inputs, IReadOnlyCollection<string> names) =>
        names.Select((name, i) => ObservedSample.Of(name,
            inputs.OrderBy(p => p.Key, StringComparer.Ordinal).Select(p => Batches.Samples(p.Value, names.Count, i, 1))));

    private void Look(KeyValuePair<string, ObservedTensor> tensor, ObservedPass pass, (string Name, int Half)[] samples,
        ConcurrentDictionary<string, RealRange> ranges)
    {
        if (pass[tensor.Key] is not { Type: ElementType.Float32, Count: > 0 } values) return;
        var scan = _scans.TryTake(out var idle) ? idle : new SampleScan();
        var elements = values.Span<float>();
        // A tensor that does not tell samples apart belongs to the first.
        var cut = SampleCut.Of(values.Shape, elements.Length, samples.Length);
        var layout = ChannelLayout.Of(values.Shape, tensor.Value.ChannelAxis, cut.Elements);
        for (var i = 0; i < cut.Count; i++)
        {
            var (name, half) = samples[i];
            if (tensor.Value.Half(half).Observe(scan, elements.Slice(i * cut.Elements, cut.Elements), layout, name) is { } range)
                ranges.AddOrUpdate(tensor.Key, range, (_, before) => (MathF.Min(before.Min, range.Min), MathF.Max(before.Max, range.Max)));
        }
        _scans.Add(scan);
    }
}
