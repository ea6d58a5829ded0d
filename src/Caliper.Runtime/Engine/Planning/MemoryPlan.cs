using Caliper.Engine.Operations;
using Caliper.Engine.Values;


namespace Caliper.Engine.Planning;

/// <summary>
/// Places storages in the arena so that what is alive at the same time does not overlap: largest first, each as low as
/// it fits (Pisarchyk and Lee, "Efficient memory management for deep neural net inference", 2020).
/// </summary>
internal static class MemoryPlan
{
    private const int Alignment = 64;

    /// <summary>Sets the start of every storage and returns the bytes of the arena and of the constants.</summary>
    public static (long Arena, long Constants) Place(EngineGraph graph)
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
        long constants = 0;
        foreach (var storage in storages.Where(s => s.Slot == Storage.Constants))
        {
            storage.Start = constants;
            constants += Sizes.RoundUp(storage.Size, Alignment);
        }
        return (PlaceArena([.. storages.Where(s => s.Slot == Storage.Arena)]), constants);
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
