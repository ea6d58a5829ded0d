using System.Collections;
using Caliper.Execution;

namespace Caliper.Data;

/// <summary>Data for a network that has the size of its batches built in: samples at the end that fill none are left out, and a diagnostic says
/// how many.</summary>
internal sealed class WholeBatches : ILoader
{
    private readonly ILoader _data;
    private readonly int _size, _batchSize;

    private WholeBatches(ILoader data, int size, int batchSize) => (_data, _size, _batchSize) = (data, size, batchSize);

    public int SampleCount => _data.SampleCount / _size * _size;

    public int BatchCount => (SampleCount + _batchSize - 1) / _batchSize;

    public bool HasLabels => _data.HasLabels;

    public IEnumerable<string> SampleNames => _data.SampleNames.Take(SampleCount);

    public IEnumerable<Diagnostic> Diagnostics => _data.Diagnostics.Append(new("left-out", "the data", FormattableString.Invariant(
        $"The last {_data.SampleCount - SampleCount} of {_data.SampleCount} samples are left out: the model takes batches of exactly {_size}."),
        "Give as many samples as fill whole batches, or export the model with a free batch."));

    /// <summary>How many samples a network takes at once, because all its inputs say so; 1 where one of them does not. An input of more rows than
    /// others has several for each sample.</summary>
    public static int SizeOf(IModel model) =>
        model.Inputs.Count > 0 && model.Inputs.All(i => i.Shape is { } shape && (shape.Rank == 0 || shape[0].IsKnown))
        ? (int)Math.Clamp(model.Inputs.Min(i => i.Shape!.Value is { Rank: > 0 } shape ? shape[0].Length : 1), 1, int.MaxValue) : 1;

    /// <summary>The same data, where all of it fills batches.</summary>
    /// <param name="data">The data, in batches of <paramref name="batchSize"/>.</param>
    /// <param name="size">How many samples the network takes at once.</param>
    /// <param name="batchSize">A multiple of that.</param>
    /// <exception cref="CaliperException">There are fewer samples than one batch takes.</exception>
    public static ILoader Of(ILoader data, int size, int batchSize) => data.SampleCount % size == 0 ? data
        : data.SampleCount > size ? new WholeBatches(data, size, batchSize)
        : throw new CaliperException($"The model takes batches of exactly {size} samples, and the data has {data.SampleCount}.");

    public IEnumerator<Batch> GetEnumerator()
    {
        foreach (var batch in _data)
        {
            var kept = batch.Count / _size * _size;
            if (kept == batch.Count) yield return batch;
            else if (kept > 0) yield return First(batch, kept);
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private static Batch First(Batch batch, int kept)
    {
        batch.CheckSamples();
        return new(batch.Inputs.ToDictionary(i => i.Key, i => i.Value.Shape.Rank == 0 ? i.Value : Batches.Samples(i.Value, batch.Count, 0, kept),
            StringComparer.Ordinal), batch.Labels?[..kept], batch.SampleNames[..kept]);
    }
}
