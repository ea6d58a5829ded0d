using Caliper.Engine.Steps;

namespace Caliper.Engine.Running;

/// <summary>
/// The threads of a session. The caller of a run goes through the plan step by step and offers the shares of each; a thread
/// takes its own share first, then any that nobody has taken. So the caller never waits for a thread that has not begun:
/// where processors are busy with other work, it does all of a step itself. Waiting is a busy loop for some microseconds,
/// because that is how long steps take; between runs threads sleep.
/// </summary>
internal sealed class WorkerPool : IDisposable
{
    private const int SpinsBeforeYield = 4000;
    private const int SpinsBeforeSleep = 20_000;

    // Claims lie a cache line apart, so that taking one does not disturb the others.
    private const int Apart = 16;

    private readonly Lock _busy = new();
    private readonly SemaphoreSlim _wake = new(0);
    private readonly Thread[] _threads;
    private readonly long[] _claims;
    private Job? _job;
    private long _first = 1;
    private long _offered;
    private int _finished;
    private int _sleeping;
    private volatile bool _ended;

    /// <summary>Starts the threads; the caller of a run is one of them.</summary>
    public WorkerPool(int threads)
    {
        _claims = new long[threads * Apart];
        _threads = new Thread[threads - 1];
        for (var i = 0; i < _threads.Length; i++)
        {
            var index = i + 1;
            _threads[i] = new Thread(() => Work(index)) { IsBackground = true, Name = $"Caliper {index}" };
            _threads[i].Start();
        }
    }

    private int Count => _threads.Length + 1;

    /// <summary>What one run shares with the threads.</summary>
    internal sealed class Job
    {
        public required Step[] Steps { get; init; }

        public required RunContext Context { get; init; }

        public volatile Exception? Error;
    }

    /// <summary>Runs all steps on all threads; false where they are busy with another caller's run.</summary>
    public bool TryRun(Job job)
    {
        if (!_busy.TryEnter()) return false;
        try
        {
            Run(job);
            return true;
        }
        finally
        {
            // Every share was taken and is finished: no thread looks at it any more, and it would keep a plan alive.
            _job = null;
            _busy.Exit();
        }
    }

    /// <summary>Runs all steps on all threads; only one caller at a time.</summary>
    public void Run(Job job)
    {
        job.Error = null;
        _job = job;
        _first = _offered + 1;
        foreach (var step in job.Steps)
        {
            var shares = Share.CountOf(step, Count);
            Offer(shares);
            TakeShares(_offered, 0);
            AwaitFinished(shares);
            if (job.Error is CaliperException refused) throw new CaliperException(refused.Message, refused);
            if (job.Error is { } error) throw new CaliperException("A step of the int8 engine failed.", error);
        }
    }

    /// <summary>Whether every thread has ended.</summary>
    public bool HasEnded => _threads.All(thread => !thread.IsAlive);

    /// <summary>Tells the threads to end, and does not wait: a finalizer may call it.</summary>
    public void End()
    {
        _ended = true;
        _wake.Release(Math.Max(1, _threads.Length));
    }

    public void Dispose()
    {
        End();
        foreach (var thread in _threads) thread.Join();
        _wake.Dispose();
    }

    /// <summary>Makes the next step's shares free to take. Shares that it does not have count as taken, so that no thread that
    /// comes late can take one.</summary>
    private void Offer(int shares)
    {
        var number = _offered + 1;
        Volatile.Write(ref _finished, 0);
        for (var share = shares; share < Count; share++) Volatile.Write(ref _claims[share * Apart], number);
        Interlocked.Exchange(ref _offered, number);
        if (shares > 1 && Volatile.Read(ref _sleeping) is var sleeping and > 0) _wake.Release(sleeping);
    }

    private void TakeShares(long number, int thread)
    {
        for (var i = 0; i < Count; i++)
        {
            var share = (thread + i) % Count;
            if (!TryClaim(share, number)) continue;
            // The step cannot end before this share does: job and step are those that were offered under the number.
            var job = _job!;
            var step = job.Steps[number - _first];
            try
            {
                Share.Of(step, share, Share.CountOf(step, Count)).Run(step, job.Context, thread, isFirst: share == 0);
            }
            catch (Exception error)
            {
                job.Error = error;
            }
            Interlocked.Increment(ref _finished);
        }
    }

    // A claim holds the number of the last step that its share was taken of.
    private bool TryClaim(int share, long number)
    {
        ref var claim = ref _claims[share * Apart];
        var last = Volatile.Read(ref claim);
        return last < number && Interlocked.CompareExchange(ref claim, number, last) == last;
    }

    private void AwaitFinished(int shares)
    {
        for (var spins = 0; Volatile.Read(ref _finished) < shares; spins++)
        {
            if (spins < SpinsBeforeYield) Thread.SpinWait(2);
            else Thread.Yield();
        }
    }

    private void Work(int index)
    {
        var seen = 0L;
        for (var spins = 0; !_ended; spins++)
        {
            var offered = Volatile.Read(ref _offered);
            if (offered != seen)
            {
                TakeShares(offered, index);
                (seen, spins) = (offered, 0);
            }
            else if (spins < SpinsBeforeYield) Thread.SpinWait(2);
            else if (spins < SpinsBeforeSleep) Thread.Yield();
            else
            {
                Sleep(seen);
                spins = 0;
            }
        }
    }

    // Counted as sleeping before it looks a last time: an offer is either seen here or sees the sleeper.
    private void Sleep(long seen)
    {
        Interlocked.Increment(ref _sleeping);
        if (Interlocked.Read(ref _offered) == seen && !_ended) _wake.Wait();
        Interlocked.Decrement(ref _sleeping);
    }
}
