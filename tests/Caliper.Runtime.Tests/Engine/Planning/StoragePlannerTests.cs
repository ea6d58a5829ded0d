using Caliper.Engine.Operations;
using Caliper.Engine.Planning;
using Caliper.Engine.Values;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Planning;

public sealed class StoragePlannerTests
{
    [Fact]
    public void What_an_operation_reads_is_what_was_written_for_it() => RandomGraph.Any.Sample(graph =>
    {
        var borders = Plan(graph);
        MemoryPlan.Place(graph, MemoryGuard.None);
        new SimulatedMemory(graph, borders).Run();
    });

    [Fact]
    public void Operands_lie_as_their_operation_needs_them() => RandomGraph.Any.Sample(graph =>
    {
        Plan(graph);
        foreach (var operation in graph.Operations)
        {
            if (operation.Needs is LayoutNeed.Dense)
                Assert.All(operation.Inputs.Concat(operation.Outputs), v => Assert.True(v.Layout.IsDense(v.ElementSize)));
            if (operation.Needs is LayoutNeed.ChannelsLast)
                Assert.All(operation.Inputs, v => Assert.True(v.Layout.IsChannelsLast(v.ElementSize)));
        }
    });

    [Fact]
    public void What_the_caller_passes_has_memory_of_its_own_without_a_gap() => RandomGraph.Any.Sample(graph =>
    {
        Plan(graph);
        var passed = graph.Inputs.Concat(graph.Outputs).ToArray();
        Assert.Equal(Enumerable.Range(Storage.FirstExternal, passed.Length), passed.Select(v => v.Layout.Storage.Slot));
        Assert.All(passed, v =>
        {
            Assert.True(v.Layout.IsDense(v.ElementSize));
            Assert.Equal((0, v.Count * v.ElementSize), (v.Layout.Offset, v.Layout.Storage.Size));
        });
    });

    private static IReadOnlyDictionary<EngineValue, Border> Plan(EngineGraph graph) => StoragePlanner.Plan(graph, LayoutPlanner.Plan(graph));
}
