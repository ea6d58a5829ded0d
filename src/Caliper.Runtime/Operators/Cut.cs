using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>What a Slice takes along one axis.</summary>
/// <param name="Start">The first index.</param>
/// <param name="Step">From one index to the next; negative goes backwards.</param>
/// <param name="Count">How many.</param>
internal readonly record struct Cut(long Start, long Step, long Count)
{
    /// <summary>Negative positions count from the end, and all are clamped to the axis.</summary>
    public static Cut Of(Node node, long length, long start, long end, long step)
    {
        if (step == 0) throw NodeFault.Of(node, "has step 0");
        var (from, to) = step > 0 ? (Clamp(start, 0, length), Clamp(end, 0, length)) : (Clamp(start, 0, length - 1), Clamp(end, -1, length - 1));
        var distance = step > 0 ? to - from : from - to;
        return new(from, step, length == 0 || distance <= 0 ? 0 : (distance - 1) / checked(step < 0 ? -step : step) + 1);

        long Clamp(long position, long low, long high) => Math.Max(low, Math.Min(position < 0 ? position + length : position, high));
    }

    /// <summary>The axes that are cut, in the order of the other numbers, which are as many.</summary>
    public static ImmutableArray<int> Axes(Node node, int rank, ImmutableArray<long>? axes, params ReadOnlySpan<ImmutableArray<long>?> others)
    {
        var count = axes?.Length ?? -1;
        foreach (var other in others)
        {
            if (other is not { } known) continue;
            if (count >= 0 && known.Length != count || known.Length > rank)
                throw NodeFault.Of(node, $"has starts, ends, axes and steps of different number for an input of {rank} axes");
            count = known.Length;
        }
        return NodeAxes.Each(node, axes ?? [.. Enumerable.Range(0, Math.Max(0, count)).Select(a => (long)a)], rank);
    }
}
