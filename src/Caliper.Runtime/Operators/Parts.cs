using System.Collections.Immutable;
using Caliper.Graphs;

namespace Caliper.Operators;

/// <summary>Into what lengths a Split cuts its axis.</summary>
internal static class Parts
{
    /// <summary>The lengths, as the node says them, or equal ones of which the last may be shorter.</summary>
    /// <exception cref="CaliperException">They are not those of all outputs, or do not add up to the axis.</exception>
    public static ImmutableArray<long> Of(Node node, long length, ImmutableArray<long>? said)
    {
        var outputs = node.Outputs.Length;
        if (said is not { } lengths)
        {
            if (node.Int("num_outputs", outputs) != outputs)
                throw NodeFault.Of(node, $"says it has {node.Int("num_outputs", 0)} outputs, but has {outputs}");
            var part = checked(length + outputs - 1) / outputs;
            return [.. Enumerable.Range(0, outputs).Select(i => Math.Clamp(length - i * part, 0, part))];
        }
        if (lengths.Length != outputs || lengths.Any(l => l < 0) || Sum(lengths) != length)
            throw NodeFault.Of(node, $"splits an axis of {length} into {string.Join(" + ", lengths)} for {outputs} outputs");
        return lengths;

        static long Sum(ImmutableArray<long> lengths) => lengths.Aggregate(0L, (sum, l) => checked(sum + l));
    }
}
