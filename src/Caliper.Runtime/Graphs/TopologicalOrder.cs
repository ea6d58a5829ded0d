using System.Collections.Immutable;

namespace Caliper.Graphs;

/// <summary>Orders nodes so that each comes after those it reads from (Kahn 1962).</summary>
internal static class TopologicalOrder
{
    /// <summary>Stable: among nodes that are ready, the one listed first comes first, so an ordered list stays as it is.</summary>
    /// <param name="nodes">The nodes.</param>
    /// <param name="isGiven">Whether a value is there before the first node.</param>
    /// <param name="producer">Receives the place, in that order, of the node that produces each value.</param>
    public static ImmutableArray<Node> Of(IEnumerable<Node> nodes, Func<string, bool> isGiven, out Dictionary<string, int> producer)
    {
        var all = nodes.ToImmutableArray();
        producer = new Dictionary<string, int>(all.Length, StringComparer.Ordinal);
        for (var i = 0; i < all.Length; i++)
        {
            foreach (var output in all[i].Outputs)
            {
                if (output.Length > 0 && (isGiven(output) || !producer.TryAdd(output, i)))
                    throw new CaliperException($"The value '{output}' is produced more than once.");
            }
        }
        return IsOrdered(all, producer, isGiven) ? all : Of(Ordered(all, producer, isGiven), isGiven, out producer);
    }

    private static ImmutableArray<Node> Ordered(ImmutableArray<Node> all, Dictionary<string, int> producer, Func<string, bool> isGiven)
    {
        var waitsFor = new int[all.Length];
        var readers = new List<int>?[all.Length];
        for (var i = 0; i < all.Length; i++)
        {
            foreach (var read in all[i].Reads().Distinct())
            {
                if (producer.TryGetValue(read, out var p)) { (readers[p] ??= []).Add(i); waitsFor[i]++; }
                else if (!isGiven(read))
                    throw new CaliperException($"Node '{all[i].Name}' reads '{read}', which nothing produces.");
            }
        }

        var ready = new PriorityQueue<int, int>();
        for (var i = 0; i < all.Length; i++) if (waitsFor[i] == 0) ready.Enqueue(i, i);
        var ordered = ImmutableArray.CreateBuilder<Node>(all.Length);
        while (ready.TryDequeue(out var next, out _))
        {
            ordered.Add(all[next]);
            foreach (var reader in readers[next] ?? []) if (--waitsFor[reader] == 0) ready.Enqueue(reader, reader);
        }
        if (ordered.Count != all.Length)
            throw new CaliperException($"The graph has a cycle through node '{all[Array.FindIndex(waitsFor, w => w > 0)].Name}'.");
        return ordered.MoveToImmutable();
    }

    /// <summary>Whether every value is made before it is read, as in nearly every list of nodes.</summary>
    private static bool IsOrdered(ImmutableArray<Node> nodes, Dictionary<string, int> producer, Func<string, bool> isGiven)
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            foreach (var read in nodes[i].Reads())
                if (producer.TryGetValue(read, out var p) ? p >= i : !isGiven(read)) return false;
        }
        return true;
    }
}
