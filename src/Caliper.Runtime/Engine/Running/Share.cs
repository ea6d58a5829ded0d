using Caliper.Engine.Steps;
using Caliper.Engine.Values;

namespace Caliper.Engine.Running;

/// <summary>The rectangle of a step's grid that one of several threads does. The grid is cut along one axis: the one that gives
/// equal shares, or else the one that makes each thread read less.</summary>
internal readonly record struct Share(int UnitStart, int UnitEnd, int BlockStart, int BlockEnd)
{
    // Below this many bytes and products, waking others costs more than it saves.
    private const long WorthSharing = 1 << 15;

    /// <summary>Into how many shares a step is cut for so many threads.</summary>
    public static int CountOf(Step step, int threads) =>
        step.MultiplyAdds / 16 + step.BytesTouched < WorthSharing ? 1 : threads;

    /// <summary>One of a step's shares.</summary>
    public static Share Of(Step step, int index, int threads)
    {
        var (units, blocks) = (step.Units, step.Blocks);
        if (threads == 1) return new(0, units, 0, blocks);
        return CutsBlocks(step, threads)
            ? new(0, units, Cut(blocks, index, threads), Cut(blocks, index + 1, threads))
            : new(Cut(units, index, threads), Cut(units, index + 1, threads), 0, blocks);
    }

    /// <summary>Does the share.</summary>
    /// <param name="step">What it is a share of.</param>
    /// <param name="context">The run.</param>
    /// <param name="thread">Whose working memory to use.</param>
    /// <param name="isFirst">Whether it is the share that fills borders.</param>
    public void Run(Step step, RunContext context, int thread, bool isFirst)
    {
        var stepContext = context.For(thread);
        if (isFirst) foreach (var border in step.Borders) border.Run(stepContext);
        if (UnitStart < UnitEnd && BlockStart < BlockEnd) step.Run(stepContext, UnitStart, UnitEnd, BlockStart, BlockEnd);
    }

    private static bool CutsBlocks(Step step, int threads)
    {
        var (byUnits, byBlocks) = (Largest(step.Units, threads), Largest(step.Blocks, threads));
        if (Math.Abs(byUnits - byBlocks) > 0.02) return byBlocks < byUnits;
        return step.WeightBytes > step.BytesTouched - step.WeightBytes;
    }

    /// <summary>The largest share of the whole that a thread would get.</summary>
    private static double Largest(int pieces, int threads) => (double)Sizes.CeilDiv(pieces, threads) / pieces;

    private static int Cut(int pieces, int index, int threads) => (int)((long)pieces * index / threads);
}
