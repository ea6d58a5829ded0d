using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>The one reading of what a node says about axes: each from the front, each there, none twice.</summary>
internal static class NodeAxes
{
    /// <summary>An axis counted from the front.</summary>
    /// <exception cref="CaliperException">There is no such axis.</exception>
    public static int At(Node node, long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw NodeFault.Of(node, $"has axis {axis}, but its input has {rank} axes");

    /// <summary>The attribute <c>axis</c>.</summary>
    public static int Of(Node node, int rank, long whenAbsent) => At(node, node.Int("axis", whenAbsent), rank);

    /// <summary>Several axes, in the order given.</summary>
    /// <exception cref="CaliperException">There is no such axis, or one is there twice.</exception>
    public static ImmutableArray<int> Each(Node node, IEnumerable<long> axes, int rank)
    {
        var result = axes.Select(axis => At(node, axis, rank)).ToImmutableArray();
        return result.Distinct().Count() == result.Length ? result : throw NodeFault.Of(node, "names an axis twice");
    }

    /// <summary>The order of axes that a Transpose asks for.</summary>
    /// <exception cref="CaliperException">It is no order of all axes.</exception>
    public static ImmutableArray<int> Order(Node node, int rank)
    {
        if (node.Ints("perm") is not { } said) return [.. Enumerable.Range(0, rank).Reverse()];
        return said.Order().SequenceEqual(Enumerable.Range(0, rank).Select(i => (long)i)) ? [.. said.Select(a => (int)a)]
            : throw NodeFault.Of(node, $"has the order {string.Join(", ", said)} for {rank} axes");
    }

    /// <summary>Which axes a reduction takes together; all where it names none, and no axis where <c>noop_with_empty_axes</c> says so.</summary>
    public static ImmutableArray<bool> Reduced(Node node, ImmutableArray<long>? said, int rank)
    {
        var result = new bool[rank];
        if (said is not { IsEmpty: false } axes) Array.Fill(result, node.Int("noop_with_empty_axes", 0) == 0);
        else foreach (var axis in Each(node, axes, rank)) result[axis] = true;
        return [.. result];
    }
}
