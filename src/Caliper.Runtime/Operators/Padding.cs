using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>What a Pad adds before and after each axis; negative numbers take away.</summary>
internal readonly record struct Padding(ImmutableArray<long> Before, ImmutableArray<long> After)
{
    // Beyond this no tensor could be indexed, and sums would overflow.
    private const long Most = int.MaxValue;

    /// <summary>Reads a node's pads.</summary>
    /// <param name="node">The node.</param>
    /// <param name="rank">Axes of its input.</param>
    /// <param name="pads">What it adds: before each axis, then after each.</param>
    /// <param name="axes">The axes, or null for all.</param>
    public static Padding Of(Node node, int rank, ImmutableArray<long> pads, ImmutableArray<long>? axes)
    {
        var padded = axes is { } said ? NodeAxes.Each(node, said, rank) : [.. Enumerable.Range(0, rank)];
        if (pads.Length != 2 * padded.Length) throw NodeFault.Of(node, $"has {pads.Length} pads for {padded.Length} axes");
        if (pads.Any(p => p is < -Most or > Most)) throw NodeFault.Of(node, "has pads beyond any tensor");
        var (before, after) = (new long[rank], new long[rank]);
        for (var i = 0; i < padded.Length; i++) (before[padded[i]], after[padded[i]]) = (pads[i], pads[i + padded.Length]);
        return new([.. before], [.. after]);
    }
}
