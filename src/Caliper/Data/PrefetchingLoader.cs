using System.Collections;
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace Caliper.Data;

/// <summary>
/// Prepares batches on a thread of its own while the model runs on earlier ones. The batches and their order are those of
/// the loader inside; an error surfaces where its batch would have come; leaving the loop early stops the thread.
/// </summary>
/// <remarks>At most <c>batchesAhead</c> finished batches wait, and one is being made: that bounds the memory.</remarks>
internal sealed class PrefetchingLoader : ILoader
{
    private readonly ILoader _inner;
    private readonly int _batchesAhead;

    /// <summary>Wraps a loader. Nothing runs until this one is enumerated.</summary>
    /// <param name="inner">Makes the batches; enumerated on another thread.</param>
    /// <param name="batchesAhead">How many finished batches may wait, 1 or more.</param>
    public PrefetchingLoader(ILoader inner, int batchesAhead = 2)
    {
        ArgumentNullException.ThrowIfNull(inner);
        ArgumentOutOfRangeException.ThrowIfLessThan(batchesAhead, 1);
        (_inner, _batchesAhead) = (inner, batchesAhead);
    }

    /// <inheritdoc/>
    public int SampleCount => _inner.SampleCount;

    /// <inheritdoc/>
    public int BatchCount => _inner.BatchCount;

    /// <inheritdoc/>
    public bool HasLabels => _inner.HasLabels;

    /// <inheritdoc/>
    public IEnumerable<string> SampleNames => _inner.SampleNames;

    /// <inheritdoc/>
    public IEnumerable<Diagnostic> Diagnostics => _inner.Diagnostics;

    /// <inheritdoc/>
    public IEnumerator<Batch> GetEnumerator()
    {
        using var stop = new CancellationTokenSource();
        using var ready = new BlockingCollection<Batch>(_batchesAhead);
        // A dedicated thread: the producer blocks while the queue is full, and must not hold a pool thread meanwhile.
        var producer = Task.Factory.StartNew(
            () => Produce(ready, stop.Token), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
        try
        {
            foreach (var batch in ready.GetConsumingEnumerable(CancellationToken.None)) yield return batch;
            if (producer.GetAwaiter().GetResult() is { } error) error.Throw();
        }
        finally
        {
            // Also reached when the caller leaves early: wait, so that no file stays open behind the caller's back.
            stop.Cancel();
            producer.GetAwaiter().GetResult();
        }
    }

    IEnumerator IEnumerable.GetEnumerator() => GetEnumerator();

    private ExceptionDispatchInfo? Produce(BlockingCollection<Batch> ready, CancellationToken stop)
    {
        try
        {
            using var batches = _inner.GetEnumerator();
            while (!stop.IsCancellationRequested && batches.MoveNext()) ready.Add(batches.Current, stop);
            return null;
        }
        catch (OperationCanceledException) when (stop.IsCancellationRequested)
        {
            return null;
        }
        catch (Exception e)
        {
            return ExceptionDispatchInfo.Capture(e);
        }
        finally
        {
            ready.CompleteAdding();
        }
    }
}
