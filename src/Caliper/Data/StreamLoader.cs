using System.Collections;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Data;

/// <summary>
/// Streams: the steps of data, each with the states that a network itself had before it. What the network returns at one step is fed to it
/// at the next, from zeros on or from what the data says of the states. Data whose arrays have an axis more than the network's inputs, after
/// that of the samples, hold a stream a sample: samples × steps × what the input takes. Else the samples in their order are the steps of one
/// stream.
/// </summary>
public sealed class StreamLoader : ILoader
{
    private readonly ILoader _data;
    private readonly IModel _model;
    private readonly int _batchSize, _skip;
    private readonly int? _limit;
    private readonly Lazy<int?> _stepsPerSample;

    /// <summary>Makes streams of data.</summary>
    /// <param name="data">The data: all of it and in its order, for a step that is left out would be missed by all after it.</param>
    /// <param name="model">Whose states are fed: the float network, as a rule.</param>
    /// <param name="feed">Which outputs are fed to which inputs.</param>
    /// <param name="batchSize">Steps in a batch.</param>
    /// <param name="limit">At most this many steps, from the first; null for all.</param>
    /// <param name="skip">How many steps to run without showing them.</param>
    /// <exception cref="CaliperException">The model has no such input or output, or one does not fit the other.</exception>
    public StreamLoader(ILoader data, IModel model, StateFeed feed, int batchSize, int? limit = null, int skip = 0)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(feed);
        feed.Check(model);
        (_data, _model, Feed, _batchSize, _limit, _skip) = (data, model, feed, batchSize, limit, skip);
        _stepsPerSample = new(() => data.FirstOrDefault() is { } first ? StepsOf(first) : null);
    }

    /// <summary>Which outputs are fed to which inputs.</summary>
    public StateFeed Feed { get; }

    /// <inheritdoc/>
    public int SampleCount => Math.Max(0, StepCount - _skip);

    /// <inheritdoc/>
    public int BatchCount => (SampleCount + _batchSize - 1) / _batchSize;

    /// <inheritdoc/>
    public bool HasLabels => false;

    /// <inheritdoc/>
    public IEnumerable<string> SampleNames => _data.SampleNames.SelectMany(NamesOf).Take(StepCount).Skip(_skip);

    private int StepCount => (int)Math.Min(_limit ?? int.MaxValue, (long)_data.SampleCount * (_stepsPerSample.Value ?? 1));

    /// <summary>Another model on the same streams, which is fed with its own states: those of a batch count at the first step of a stream
    /// only. It is called with the batches of this loader, from the first and in their order.</summary>
    internal IModel Following(IModel model)
    {
        if (_skip > 0) throw new CaliperException("Who follows a stream must see its start.");
        Feed.Check(model);
        return new StreamedModel(model, Feed, _stepsPerSample.Value ?? _data.SampleCount);
    }

    /// <inheritdoc/>
    public IEnumerator<Batch> GetEnumerator()
    {
        var streamed = new StreamedModel(_model, Feed, _stepsPerSample.Value ?? _data.SampleCount);
        var steps = new List<(string Name, IReadOnlyDictionary<string, Tensor> Fed)>(_batchSize);
        var place = 0;
        foreach (var (name, inputs) in Steps().Take(StepCount))
        {
            var fed = streamed.Step(inputs).Fed;
            if (place++ < _skip) continue;
            steps.Add((name, fed));
            if (steps.Count < _batchSize) continue;
            yield return Together(steps);
            steps.Clear();
        }
        if (steps.Count > 0) yield return Together(steps);
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    /// <summary>All steps in order, with the states that a stream would start with.</summary>
    private IEnumerable<(string Name, Dictionary<string, Tensor> Inputs)> Steps()
    {
        foreach (var batch in _data)
        {
            batch.CheckSamples();
            for (var i = 0; i < batch.Count; i++)
            {
                var sample = batch.Inputs.ToDictionary(b => NameOf(b.Key), b => Batches.Samples(b.Value, batch.Count, i, 1), StringComparer.Ordinal);
                foreach (var state in _model.Inputs.Where(v => Feed.IsState(v.Name))) sample.TryAdd(state.Name, StateFeed.Zeros(state));
                if (StepsOf(batch) != _stepsPerSample.Value) throw Ragged(batch.SampleNames[i]);
                foreach (var (t, name) in NamesOf(batch.SampleNames[i]).Index())
                    yield return (name, sample.ToDictionary(
                        s => s.Key, s => HasSteps(s.Key, s.Value) ? StepOf(s.Value, t) : s.Value, StringComparer.Ordinal));
            }
        }
    }

    private IEnumerable<string> NamesOf(string sample) =>
        _stepsPerSample.Value is { } steps ? Enumerable.Range(0, steps).Select(t => $"{sample}/{t}") : [sample];

    /// <summary>The only array of a file has no name; it is for the only input that is no state.</summary>
    private string NameOf(string input) =>
        input.Length == 0 && _model.Inputs.Where(i => !Feed.IsState(i.Name)).ToArray() is [var only] ? only.Name : input;

    /// <summary>How many steps each sample of a batch has; null where samples are steps.</summary>
    private int? StepsOf(Batch batch)
    {
        int[] steps = [.. batch.Inputs.Where(b => HasSteps(NameOf(b.Key), b.Value)).Select(b => (int)b.Value.Shape[1].Length).Distinct()];
        return steps switch
        {
            [] => null,
            [> 0 and var one] => one,
            _ => throw Ragged(batch.SampleNames[0]),
        };
    }

    private bool HasSteps(string input, Tensor tensor) => !Feed.IsState(input)
        && _model.Inputs.FirstOrDefault(i => i.Name == input)?.Shape is { } shape && tensor.Shape.Rank == Math.Max(shape.Rank, 1) + 1;

    private static Tensor StepOf(Tensor sample, int step)
    {
        var shape = new Shape([sample.Shape[0], .. sample.Shape.Dimensions.Skip(2)]);
        var bytes = checked((int)(shape.ElementCount * sample.Type.BitsPerElement() / 8));
        return sample.Shape[0].Length == 1 ? new Tensor(sample.Type, shape, sample.Bytes.Slice(step * bytes, bytes))
            : throw new CaliperException($"A stream has one row a sample, and {sample} has {sample.Shape[0].Length}.");
    }

    private static CaliperException Ragged(string sample) => new($"The inputs of '{sample}' do not have the same number of steps as all others.");

    private static Batch Together(List<(string Name, IReadOnlyDictionary<string, Tensor> Fed)> steps) => new(
        steps[0].Fed.Keys.ToDictionary(
            input => input, input => Batches.Join(input, [.. steps.Select(s => AsRows(s.Fed[input]))]), StringComparer.Ordinal),
        null, [.. steps.Select(s => s.Name)]);

    // A single number is one for each sample.
    private static Tensor AsRows(Tensor tensor) => tensor.Shape.Rank == 0 ? tensor.Reshape(Shape.Of(1)) : tensor;
}
