using System.Collections.Immutable;

namespace Caliper.Graphs;

/// <summary>Orders nodes so that each comes after those it reads from (Kahn 1962).</summary>
internal static class TopologicalOrder
{
    /// <summary>Stable: among nodes that are ready, the one listed first comes first, so an ordered list stays as it is.</summary>
    public static ImmutableArray<Node> Of(IEnumerable<Node> nodes, IEnumerable<string> available)
    {
        var all = nodes.ToArray();
        var producer = new Dictionary<string, int>(StringComparer.Ordinal);
        var given = available.ToHashSet(StringComparer.Ordinal);
        for (var i = 0; i < all.Length; i++)
        {
            foreach (var output in all[i].Outputs.Where(o => o.Length > 0))
            {
                if (given.Contains(output) || !producer.TryAdd(output, i))
                    throw new CaliperException($"The value '{output}' is produced more than once.");
            }
        }

        if (IsOrdered(all, producer, given)) return [.. all];
        var waitsFor = new int[all.Length];
        var readers = new List<int>?[all.Length];
        for (var i = 0; i < all.Length; i++)
        {
            foreach (var read in all[i].Reads().Distinct())
            {
                if (producer.TryGetValue(read, out var p)) { (readers[p] ??= []).Add(i); waitsFor[i]++; }
                else if (!given.Contains(read))
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
    private static bool IsOrdered(Node[] nodes, Dictionary<string, int> producer, HashSet<string> given)
    {
        for (var i = 0; i < nodes.Length; i++)
        {
            foreach (var read in nodes[i].Reads())
                if (producer.TryGetValue(read, out var p) ? p >= i : !given.Contains(read)) return false;
        }
        return true;
    }
}
