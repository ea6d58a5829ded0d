using Caliper.Engine.Operations;
using Caliper.Engine.Planning;
using Caliper.Engine.Values;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Planning;

public sealed class MemoryPlanTests
{
    private const int Alignment = 64;

    private static readonly Gen<int> Bytes = Gen.OneOf(Gen.Int[1, 200], Gen.Int[1, 100_000]);

    /// <summary>Tensors of random sizes and lifetimes, some of them views of one storage, some constant.</summary>
    private static readonly Gen<EngineGraph> Lifetimes =
        from operations in Gen.Int[1, 30]
        from tensors in Gen.Select(Gen.Int[0, operations - 1], Gen.Int[0, 8], Bytes, Gen.Int[0, 9]).Array[1, 40]
        select GraphOf(operations, tensors);

    [Fact]
    public void Storages_alive_together_do_not_overlap() => Lifetimes.Sample(graph =>
    {
        Place(graph);
        foreach (var memory in StoragesOf(graph).GroupBy(s => s.Slot))
        {
            var storages = memory.ToArray();
            for (var i = 0; i < storages.Length; i++)
            {
                for (var other = 0; other < i; other++)
                {
                    var (a, b) = (storages[i], storages[other]);
                    // Constants are there always.
                    var together = memory.Key == Storage.Constants || (a.FirstUse <= b.LastUse && b.FirstUse <= a.LastUse);
                    Assert.True(!together || a.Start + a.Size <= b.Start || b.Start + b.Size <= a.Start);
                }
            }
        }
    });

    [Fact]
    public void Each_lies_aligned_within_the_memory_that_is_asked_for() => Lifetimes.Sample(graph =>
    {
        var (arena, constants) = Place(graph);
        Assert.All(StoragesOf(graph), storage =>
        {
            Assert.Equal(0, storage.Start % Alignment);
            Assert.InRange(storage.Start + storage.Size, storage.Size, storage.Slot == Storage.Arena ? arena : constants);
        });
    });

    [Fact]
    public void The_arena_is_no_larger_than_all_side_by_side_and_no_smaller_than_what_is_alive_at_once() => Lifetimes.Sample(graph =>
    {
        var (arena, _) = Place(graph);
        var storages = StoragesOf(graph).Where(s => s.Slot == Storage.Arena).ToArray();
        var alive = Enumerable.Range(0, graph.Operations.Count)
            .Max(i => storages.Where(s => s.FirstUse <= i && i <= s.LastUse).Sum(s => s.Size));
        Assert.InRange(arena, alive, storages.Sum(s => (s.Size + Alignment - 1) / Alignment * Alignment));
    });

    [Fact]
    public void A_storage_lives_from_the_first_to_the_last_operation_that_touches_one_of_its_tensors() => Lifetimes.Sample(graph =>
    {
        Place(graph);
        Assert.All(StoragesOf(graph), storage =>
        {
            var touching = graph.Operations.Index().Where(o => o.Item.Inputs.Concat(o.Item.Outputs).Any(v => v.Layout.Storage == storage));
            Assert.Equal((touching.First().Index, touching.Last().Index), (storage.FirstUse, storage.LastUse));
        });
    });

    [Fact]
    public void Two_that_never_meet_share_one_place()
    {
        var graph = GraphOf(4, [(0, 1, 1000, 1), (2, 1, 1000, 1)]);
        Assert.Equal((1000, 0), Place(graph));
    }

    private static (long Arena, long Constants) Place(EngineGraph graph)
    {
        var memory = MemoryPlan.Place(graph, MemoryGuard.None);
        return (memory.Arena, memory.Constants);
    }

    /// <summary>Operations that touch each tensor at its first and its last use.</summary>
    private static EngineGraph GraphOf(int operations, (int First, int Length, int Bytes, int Kind)[] tensors)
    {
        var (reads, writes) = (new List<EngineValue>[operations], new List<EngineValue>[operations]);
        for (var i = 0; i < operations; i++) (reads[i], writes[i]) = ([], []);
        Storage? last = null;
        foreach (var (first, length, bytes, kind) in tensors)
        {
            var end = Math.Min(operations - 1, first + length);
            var value = new EngineValue($"v{first}", EngineType.Byte, [bytes]);
            // Kind 9 is a view of the tensor before it, 0 a constant.
            var storage = kind == 9 && last is not null ? last
                : new Storage { Slot = kind == 0 ? Storage.Constants : Storage.Arena };
            storage.Size = Math.Max(storage.Size, bytes);
            value.Layout = new TensorLayout(storage, 0, value.Shape, [1]);
            writes[first].Add(value);
            reads[end].Add(value);
            last = storage;
        }
        return new([.. reads.Zip(writes, (r, w) => new StandInOperation("o", LayoutNeed.Any, [.. r], [.. w]))], [], []);
    }

    private static Storage[] StoragesOf(EngineGraph graph) =>
        [.. graph.Operations.SelectMany(o => o.Inputs.Concat(o.Outputs)).Select(v => v.Layout.Storage).Distinct()];
}
