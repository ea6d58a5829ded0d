using Caliper.Engine.Operations;
using Caliper.Engine.Planning;
using Caliper.Engine.Steps;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Kernels;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine.Planning;

/// <summary>A step that would leave its operands is an error at load.</summary>
public class ExtentCheckTests
{
    [Theory]
    [InlineData(0, 16, true)]
    [InlineData(0, 17, false)]
    [InlineData(-1, 15, false)]
    [InlineData(4, 16, true)]
    [InlineData(16, 20, false)]
    [InlineData(long.MinValue / 2, 0, false)]
    public void A_step_stays_within_its_operands(long low, long high, bool isRight)
    {
        foreach (var written in new[] { false, true })
        {
            var bytes = new ByteSpan(low, high);
            void Plan() => EnginePlan.Of(Graph(v => written ? Extent.Writes(Place.Of(v.Output.Layout), bytes)
                : Extent.Reads(Place.Of(v.Inputs[0].Layout), bytes)), KernelSet.Auto, new KernelResources()).Dispose();
            if (isRight) Plan();
            else Assert.Contains("'wrong'", Assert.Throws<CaliperException>(Plan).Message);
        }
    }

    [Fact]
    public void Another_operations_tensor_is_not_its_operand() => Assert.Throws<CaliperException>(() =>
        EnginePlan.Of(Graph(v => Extent.Writes(Place.Of(v.Inputs[0].Layout), new(0, 1))), KernelSet.Auto, new KernelResources()));

    [Fact]
    public void Nobody_reads_behind_what_the_caller_passes() => Assert.Throws<CaliperException>(() =>
        EnginePlan.Of(Graph(v => Extent.Reads(Place.Of(v.Inputs[0].Layout), new(0, 16)) with { ReadsAfter = 1 }), KernelSet.Auto,
            new KernelResources()));

    [Theory]
    [InlineData(256, 256, true)]
    [InlineData(257, 256, false)]
    [InlineData(-1, 256, false)]
    public void A_kernel_reads_no_more_of_its_constants_than_there_is(long read, long held, bool isRight)
    {
        void Plan() => EnginePlan.Of(Graph(v => Extent.Reads(Place.Of(v.Inputs[0].Layout), new(0, 16)), new ConstantReach("weights", read, held)),
            KernelSet.Auto, new KernelResources()).Dispose();
        if (isRight) Plan();
        else Assert.Contains($"{read} bytes of its weights, which have {held}", Assert.Throws<CaliperException>(Plan).Message);
    }

    [Fact]
    public void What_a_walk_touches_is_what_it_visits() => Gen.Select(
        Gen.Int[1, 5].Array[0, 4], Gen.Long[-40, 40].Array[4], Gen.Long[-40, 40].Array[4]).Sample((lengths, a, b) =>
        {
            var walk = StridedWalk.Of(lengths, a[..lengths.Length], b[..lengths.Length]);
            var offsets = new long[2];
            var (low, high) = (long.MaxValue, long.MinValue);
            for (var run = 0; run < walk.Count; run++)
            {
                var count = walk.Run(run, offsets);
                for (var i = 0; i < count; i++)
                {
                    low = Math.Min(low, offsets[1] + i * walk.RunStrides[1]);
                    high = Math.Max(high, offsets[1] + i * walk.RunStrides[1] + 4);
                }
            }
            Assert.Equal(new ByteSpan(low, high), walk.Span(1, 4));
        });

    [Fact]
    public void Axes_said_twice_do_not_reach_memory()
    {
        // Shape inference once believed the input, the engine the attribute: a result of 1 element, and 4,096 written.
        var model = new SmallModel(13).Input("x", 64, 64).Constant("axes", Tensor.Vector(0L, 1L))
            .Node("ReduceSum", "x axes", "y", n => n.With("keepdims", 0L).With("axes", [0L])).Build("y");
        Assert.Throws<CaliperException>(() => Int8Session.FromModel(model));
    }

    private static EngineGraph Graph(Func<Operation, Extent> extent, params ConstantReach[] constants)
    {
        var (x, y) = (new EngineValue("x", EngineType.Float, [4]), new EngineValue("y", EngineType.Float, [4]));
        return new EngineGraph([new Wrong(x, y, extent, constants)], [x], [y]);
    }

    private sealed class Wrong(EngineValue input, EngineValue output, Func<Operation, Extent> extent, ConstantReach[] constants)
        : Operation("wrong", [input], output)
    {
        public override LayoutNeed Needs => LayoutNeed.Dense;

        public override Step CreateStep(StepFactory factory) => new WrongStep(extent(this), constants) { Name = Name, Kind = "test" };
    }

    private sealed class WrongStep(Extent extent, ConstantReach[] constants) : Step
    {
        public override int Units => 1;

        public override IEnumerable<Extent> Extents => [extent];

        public override IEnumerable<ConstantReach> Constants => constants;

        public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd) =>
            throw new InvalidOperationException("It must never run.");
    }
}
