namespace Caliper.Kernels;

/// <summary>The working memory of runs, which all plans of a model have together: as many pieces as runs were ever under way at once, each as
/// large as the largest plan that it served.</summary>
internal sealed class WorkingMemory : IDisposable
{
    private const int MostTimes = 8, Small = 1 << 20;

    private readonly Lock _lock = new();
    private readonly Stack<NativeBuffer> _idle = new();
    private long _bytes;

    /// <summary>Bytes of all pieces.</summary>
    public long Bytes
    {
        get { lock (_lock) return _bytes; }
    }

    /// <summary>Lends a piece of at least so many bytes, in which anything may stand.</summary>
    public NativeBuffer Take(long bytes)
    {
        lock (_lock)
        {
            // One large shape must not keep its memory for ever.
            if (_idle.TryPop(out var known) && known.Length >= bytes && known.Length / MostTimes <= Math.Max(bytes, Small)) return known;
            _bytes -= known?.Length ?? 0;
            known?.Dispose();
            // The next shape is a little longer, as often as not.
            var larger = new NativeBuffer(bytes + bytes / 8);
            _bytes += larger.Length;
            return larger;
        }
    }

    /// <summary>Takes a piece back.</summary>
    public void Give(NativeBuffer piece)
    {
        lock (_lock) _idle.Push(piece);
    }

    public void Dispose()
    {
        foreach (var piece in _idle) piece.Dispose();
        _idle.Clear();
    }
}
