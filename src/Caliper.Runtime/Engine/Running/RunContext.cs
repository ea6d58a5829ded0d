using Caliper.Engine.Planning;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Kernels;

namespace Caliper.Engine.Running;

/// <summary>The memory of one run at a time: the arena, and working memory for each thread.</summary>
internal sealed unsafe class RunContext : IDisposable
{
    private readonly NativeBuffer _arena;
    private readonly NativeBuffer _scratch;
    private readonly NativeBuffer _slots;
    private readonly long[] _scratchStarts;

    public RunContext(EnginePlan plan, int threads)
    {
        // A convolution may read a little before its first pixel's row only inside the border, never before the arena.
        _arena = new NativeBuffer(plan.Memory.Arena, plan.Memory.ArenaGuards);
        long scratchBytes = Sizes.RoundUp(plan.ScratchBytes, NativeBuffer.Alignment);
        if (plan.Guard is MemoryGuard.None)
        {
            _scratchStarts = [.. Enumerable.Range(0, threads).Select(thread => thread * scratchBytes)];
            _scratch = new NativeBuffer(scratchBytes * threads);
        }
        else
        {
            var guards = new List<long>();
            (_scratchStarts, var length) = GuardPages.Lay(plan.Guard, [.. Enumerable.Repeat(scratchBytes, threads)], guards);
            _scratch = new NativeBuffer(length, guards);
        }
        _slots = new NativeBuffer((Storage.FirstExternal + plan.Inputs.Length + plan.Outputs.Length) * sizeof(nint));
        Slots[Storage.Arena] = _arena.Start;
        Slots[Storage.Constants] = plan.Constants;
        Job = new WorkerPool.Job { Steps = plan.Steps, Context = this };
    }

    /// <summary>Where each memory begins; those of the caller are set before a run.</summary>
    public byte** Slots => (byte**)_slots.Start;

    /// <summary>What the threads are given; made once, so that a run allocates nothing.</summary>
    public WorkerPool.Job Job { get; }

    /// <summary>What a step sees on one of the threads.</summary>
    public StepContext For(int thread) => new(Slots, _scratch.Start + _scratchStarts[thread]);

    public void Dispose()
    {
        _arena.Dispose();
        _scratch.Dispose();
        _slots.Dispose();
    }
}
