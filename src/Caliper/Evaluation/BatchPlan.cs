using System.Collections.Immutable;

namespace Caliper.Evaluation;

/// <summary>Chosen samples cut into batches; only the last may be smaller than the others.</summary>
public sealed class BatchPlan
{
    private readonly int _total;
    private readonly SampleSelection _selection;
    private readonly int _batchSize;

    /// <summary>Cuts samples into batches.</summary>
    /// <param name="total">Number of samples there are.</param>
    /// <param name="batchSize">Samples in a batch, 1 or more.</param>
    /// <param name="selection">Which samples to use; null for all.</param>
    /// <param name="place">What to call the data in a message.</param>
    /// <exception cref="CaliperException">The batch size or the selection is out of range, or no sample is left.</exception>
    public BatchPlan(int total, int batchSize, SampleSelection? selection, string place)
    {
        if (batchSize < 1) throw new CaliperException($"The batch size must be 1 or more, not {batchSize}.");
        (_total, _batchSize, _selection) = (total, batchSize, selection ?? SampleSelection.All);
        SampleCount = _selection.CountOf(total);
        if (SampleCount == 0)
            throw new CaliperException(
                $"{place} has too few samples to leave any for shard {_selection.Shard} of {_selection.ShardCount}.");
    }

    /// <summary>Number of samples in all.</summary>
    public int SampleCount { get; }

    /// <summary>Number of batches in all.</summary>
    public int BatchCount => (int)(((long)SampleCount + _batchSize - 1) / _batchSize);

    /// <summary>Samples in the largest batch.</summary>
    public int LargestBatch => Math.Min(_batchSize, SampleCount);

    /// <summary>Indices of the samples of a batch, ascending.</summary>
    public ImmutableArray<int> this[int batch]
    {
        get
        {
            var start = batch * _batchSize;
            var count = Math.Min(_batchSize, SampleCount - start);
            return [.. Enumerable.Range(start, count).Select(i => _selection.IndexOf(i, _total))];
        }
    }
}
