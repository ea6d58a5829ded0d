namespace Caliper;

/// <summary>Lets runs in while something lives, and lets its end wait for those that are under way, so that none loses the memory it
/// computes in.</summary>
/// <param name="owner">What ends, for the message.</param>
internal sealed class Lifetime(string owner)
{
    private readonly Lock _lock = new();
    private ManualResetEventSlim? _last;
    private int _runs;
    private bool _hasEnded;

    /// <summary>Begins a run; <see cref="Leave"/> must follow.</summary>
    /// <exception cref="ObjectDisposedException">The end has begun.</exception>
    public void Enter()
    {
        lock (_lock)
        {
            if (_hasEnded) throw new ObjectDisposedException(owner);
            _runs++;
        }
    }

    /// <summary>Ends a run.</summary>
    public void Leave()
    {
        lock (_lock)
        {
            if (--_runs == 0) _last?.Set();
        }
    }

    /// <summary>Lets nobody in any more, and waits until the last run has left.</summary>
    /// <returns>Whether this call is the one that ends it, and so the one that frees what it has.</returns>
    public bool End()
    {
        lock (_lock)
        {
            if (_hasEnded) return false;
            _hasEnded = true;
            if (_runs == 0) return true;
            _last = new ManualResetEventSlim();
        }
        _last.Wait();
        _last.Dispose();
        return true;
    }
}
