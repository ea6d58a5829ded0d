using Caliper.Engine.Operations;
using Caliper.Engine.Planning;
using Caliper.Engine.Values;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Planning;

public sealed class LayoutPlannerTests
{
    [Fact]
    public void Whoever_needs_channels_last_or_ONNX_order_gets_it() => RandomGraph.Any.Sample(graph =>
    {
        var channelsLast = LayoutPlanner.Plan(graph);
        foreach (var operation in graph.Operations)
        {
            var wrong = operation.Needs switch
            {
                LayoutNeed.ChannelsLast => operation.Inputs.Where(v => !channelsLast.Contains(v)),
                LayoutNeed.Dense => operation.Inputs.Concat(operation.Outputs).Where(channelsLast.Contains),
                _ => [],
            };
            Assert.DoesNotContain(wrong, v => Orders(v) > 1);
        }
    });

    [Fact]
    public void Elementwise_operands_of_one_rank_lie_alike() => RandomGraph.Any.Sample(graph =>
    {
        // Not the copies that are put in: they stand between the orders.
        var elementwise = graph.Operations.Where(o => o.Needs is LayoutNeed.Same).ToArray();
        var channelsLast = LayoutPlanner.Plan(graph);
        foreach (var operation in elementwise)
        {
            // What the caller owns lies as the caller says.
            var ours = operation.Inputs.Concat(operation.Outputs).Except(graph.Inputs).Except(graph.Outputs);
            Assert.All(ours.Where(v => v.Shape.Length >= 3).GroupBy(v => v.Shape.Length), alike =>
                Assert.Single(alike.Where(v => Orders(v) > 1).Select(channelsLast.Contains).DefaultIfEmpty().Distinct()));
        }
    });

    [Fact]
    public void What_the_caller_passes_stays_in_ONNX_order() => RandomGraph.Any.Sample(graph =>
    {
        var channelsLast = LayoutPlanner.Plan(graph);
        Assert.DoesNotContain(graph.Inputs.Concat(graph.Outputs), channelsLast.Contains);
    });

    [Fact]
    public void Copies_of_layout_are_all_that_is_added() => RandomGraph.Any.Sample(graph =>
    {
        var before = graph.Operations.Select(o => (Operation: o, o.Inputs, Outputs: o.Outputs.ToArray())).ToArray();
        LayoutPlanner.Plan(graph);
        // Where each copied value comes from in the end.
        var origins = new Dictionary<EngineValue, EngineValue>();
        EngineValue OriginOf(EngineValue value) => origins.GetValueOrDefault(value, value);
        var known = graph.Inputs.ToHashSet();
        var old = before.Select(b => b.Operation).ToHashSet();
        foreach (var operation in graph.Operations)
        {
            Assert.All(operation.Inputs, input => Assert.Contains(input, known));
            Assert.All(operation.Outputs, output => Assert.True(known.Add(output), $"{output} is written twice"));
            if (!old.Contains(operation)) origins[operation.Output] = OriginOf(operation.Inputs[0]);
            else Assert.All(operation.Inputs, input => Assert.Equal(input.Shape, OriginOf(input).Shape));
        }
        Assert.Equal(before.Select(b => b.Operation), graph.Operations.Where(old.Contains));
        foreach (var (operation, inputs, outputs) in before)
        {
            // An output that is rearranged keeps its name for its readers: the operation writes another value, which is copied to it.
            var written = operation.Outputs.Select((output, i) => (output, Old: outputs[i])).ToDictionary(p => p.Old, p => p.output);
            Assert.All(written, p => Assert.True(p.Key == p.Value || OriginOf(p.Key) == p.Value));
            Assert.Equal(inputs.Select(OriginOf), operation.Inputs.Select(OriginOf));
        }
    });

    /// <summary>2 where channels last is another order of memory than ONNX's, else 1.</summary>
    private static int Orders(EngineValue value) =>
        value.Shape.Length >= 3 && value.Shape[1] > 1 && Sizes.Product(value.Shape.AsSpan(2)) > 1 ? 2 : 1;
}
