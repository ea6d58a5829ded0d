using System.Collections.Immutable;
using System.Numerics;

namespace Caliper.Data;

/// <summary>Chosen samples cut into batches; only the last may be smaller than the others.</summary>
internal sealed class BatchPlan
{
    private readonly int _total;
    private readonly SampleSelection _selection;
    private readonly int _batchSize;
    private readonly int _chosen;
    private readonly long _stride;

    /// <summary>Cuts samples into batches.</summary>
    /// <param name="total">Number of samples there are.</param>
    /// <param name="batchSize">Samples in a batch, 1 or more.</param>
    /// <param name="selection">Which samples to use; null for all.</param>
    /// <param name="place">What to call the data in a message.</param>
    /// <param name="forwardOnly">Whether indices must ascend, which overrides <see cref="SampleSelection.Spread"/>.</param>
    /// <exception cref="CaliperException">The batch size or the selection is out of range, or no sample is left.</exception>
    public BatchPlan(int total, int batchSize, SampleSelection? selection, string place, bool forwardOnly = false)
    {
        if (batchSize < 1) throw new CaliperException($"The batch size must be 1 or more, not {batchSize}.");
        (_total, _batchSize, _selection) = (total, batchSize, selection ?? SampleSelection.All);
        _chosen = _selection.CountOf(total);
        SampleCount = Math.Max(0, _chosen - _selection.Skip);
        _stride = _selection.Spread && !forwardOnly ? SpreadingStride(_chosen) : 1;
        if (_chosen == 0)
            throw new CaliperException(
                $"{place} has too few samples to leave any for shard {_selection.Shard} of {_selection.ShardCount}.");
    }

    /// <summary>Number of samples in all.</summary>
    public int SampleCount { get; }

    /// <summary>Number of batches in all.</summary>
    public int BatchCount => (int)(((long)SampleCount + _batchSize - 1) / _batchSize);

    /// <summary>Samples in the largest batch; 1 where there is none.</summary>
    public int LargestBatch => Math.Clamp(SampleCount, 1, _batchSize);

    /// <summary>Indices of all the samples, in the order in which batches hold them.</summary>
    public IEnumerable<int> Indices => Enumerable.Range(0, SampleCount).Select(IndexOf);

    /// <summary>Indices of the samples of a batch.</summary>
    public ImmutableArray<int> this[int batch]
    {
        get
        {
            var start = batch * _batchSize;
            var count = Math.Min(_batchSize, SampleCount - start);
            return [.. Enumerable.Range(start, count).Select(IndexOf)];
        }
    }

    private int IndexOf(int position) => _selection.IndexOf((int)((position + _selection.Skip) * _stride % _chosen), _total);

    /// <summary>Steps of about 0.618 of the whole, the golden ratio's, fall evenly between those before; having no divisor in
    /// common with the whole, they reach every sample once.</summary>
    private static long SpreadingStride(int count)
    {
        var stride = Math.Max(1, (long)(count * 0.6180339887498949));
        while (BigInteger.GreatestCommonDivisor(stride, count) > 1) stride++;
        return stride;
    }
}
