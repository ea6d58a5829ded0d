using Caliper.Engine.Planning;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels;

namespace Caliper.Engine.Running;

/// <summary>The memory of one run at a time: the arena, and working memory for each thread.</summary>
internal sealed unsafe class RunContext : IDisposable
{
    private readonly NativeBuffer _slots;
    private readonly long[] _scratchStarts;
    private readonly (WorkingMemory From, long Bytes)? _lent;
    private readonly NativeBuffer? _scratch;
    private NativeBuffer? _arena;
    private byte* _scratchStart;

    public RunContext(EnginePlan plan, int threads)
    {
        _slots = new NativeBuffer((Storage.FirstExternal + plan.Inputs.Length + plan.Outputs.Length) * sizeof(nint));
        Slots[Storage.Constants] = plan.Constants;
        Job = new WorkerPool.Job { Steps = plan.Steps, Context = this };
        long scratchBytes = Sizes.RoundUp(plan.ScratchBytes, NativeBuffer.Alignment);
        _scratchStarts = [.. Enumerable.Range(0, threads).Select(thread => thread * scratchBytes)];
        // A convolution may read a little before its first pixel's row only inside the border, never before the arena.
        var arenaBytes = Sizes.RoundUp(plan.Memory.Arena + NativeBuffer.ReadableTail, NativeBuffer.Alignment);
        if (plan.Working is { } working)
        {
            // The scratch lies after the arena.
            for (var thread = 0; thread < threads; thread++) _scratchStarts[thread] += arenaBytes;
            _lent = (working, arenaBytes + scratchBytes * threads);
            return;
        }
        _arena = new NativeBuffer(plan.Memory.Arena, plan.Memory.ArenaGuards);
        List<long>? guards = null;
        var length = scratchBytes * threads;
        if (plan.Guard is not MemoryGuard.None)
            (_scratchStarts, length) = GuardPages.Lay(plan.Guard, [.. Enumerable.Repeat(scratchBytes, threads)], guards = []);
        _scratch = new NativeBuffer(length, guards);
        Slots[Storage.Arena] = _arena.Start;
        _scratchStart = _scratch.Start;
    }

    /// <summary>Where each memory begins; those of the caller are set before a run.</summary>
    public byte** Slots => (byte**)_slots.Start;

    /// <summary>What the threads are given; made once, so that a run allocates nothing.</summary>
    public WorkerPool.Job Job { get; }

    /// <summary>What a step sees on one of the threads.</summary>
    public StepContext For(int thread) => new(Slots, _scratchStart + _scratchStarts[thread]);

    /// <summary>Before a run.</summary>
    public void Begin()
    {
        if (_lent is not var (from, bytes)) return;
        _arena = from.Take(bytes);
        Slots[Storage.Arena] = _scratchStart = _arena.Start;
    }

    /// <summary>After it.</summary>
    public void End()
    {
        if (_lent is not var (from, _) || _arena is null) return;
        from.Give(_arena);
        _arena = null;
    }

    public void Dispose()
    {
        End();
        _arena?.Dispose();
        _scratch?.Dispose();
        _slots.Dispose();
    }
}
