using Caliper.Engine.Operations;
using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Planning;

/// <summary>The memory that steps run on.</summary>
/// <param name="Arena">Bytes of the working memory.</param>
/// <param name="Constants">Bytes of the constants.</param>
/// <param name="ArenaGuards">Pages of the working memory that nobody may touch; null where there are none.</param>
/// <param name="ConstantGuards">Those of the constants.</param>
internal sealed record PlannedMemory(long Arena, long Constants, List<long>? ArenaGuards = null, List<long>? ConstantGuards = null);

/// <summary>
/// Places storages in the arena so that what is alive at the same time does not overlap: largest first, each as low as
/// it fits (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
/// </summary>
internal static class MemoryPlan
{
    private const int Alignment = 64;

    /// <summary>Sets the start of every storage and returns the memory that they take.</summary>
    public static PlannedMemory Place(EngineGraph graph, MemoryGuard guard)
    {
        var storages = new List<Storage>();
        for (var i = 0; i < graph.Operations.Count; i++)
        {
            foreach (var value in graph.Operations[i].Inputs.Concat(graph.Operations[i].Outputs))
            {
                var storage = value.Layout.Storage;
                if (storage.LastUse < 0) storages.Add(storage);
                storage.FirstUse = Math.Min(storage.FirstUse, i);
                storage.LastUse = Math.Max(storage.LastUse, i);
            }
        }
        if (guard is not MemoryGuard.None) return Guarded(graph, guard, storages);
        long constants = 0;
        foreach (var storage in storages.Where(s => s.Slot == Storage.Constants))
        {
            storage.Start = constants;
            constants += Sizes.RoundUp(storage.Size, Alignment);
        }
        return new(PlaceArena([.. storages.Where(s => s.Slot == Storage.Arena)]), constants);
    }

    private static PlannedMemory Guarded(EngineGraph graph, MemoryGuard guard, List<Storage> storages)
    {
        // Only some operations may load vectors that end past what they read.
        var tails = graph.Operations.SelectMany(o => o.Inputs.Where((_, i) => o.ReadsAfter(i))).Select(v => v.Layout.Storage).ToHashSet();
        var (arenaGuards, constantGuards) = (new List<long>(), new List<long>());
        return new(Lay(Storage.Arena, arenaGuards), Lay(Storage.Constants, constantGuards), arenaGuards, constantGuards);

        long Lay(int slot, List<long> guards)
        {
            var placed = storages.Where(s => s.Slot == slot).ToArray();
            long[] sizes = [.. placed.Select(s => s.Size + (tails.Contains(s) ? ConvolutionReach.ReadsAfter : 0))];
            var (starts, length) = GuardPages.Lay(guard, sizes, guards);
            for (var i = 0; i < placed.Length; i++) placed[i].Start = starts[i];
            return length;
        }
    }

    private static long PlaceArena(Storage[] storages)
    {
        var placed = new List<Storage>();
        long size = 0;
        foreach (var storage in storages.OrderByDescending(s => s.Size).ThenBy(s => s.FirstUse))
        {
            long start = 0;
            foreach (var other in placed.Where(o => o.FirstUse <= storage.LastUse && storage.FirstUse <= o.LastUse).OrderBy(o => o.Start))
            {
                if (start + storage.Size <= other.Start) break;
                start = Math.Max(start, Sizes.RoundUp(other.Start + other.Size, Alignment));
            }
            storage.Start = start;
            placed.Add(storage);
            size = Math.Max(size, start + storage.Size);
        }
        return size;
    }
}
