using Caliper.Calibration;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Preparation;
using Caliper.Search;

namespace Caliper.Tests.Flow;

/// <summary>Networks at the ends of what numbers can say: the right answer, or one sentence, but never an exception of the arithmetic.</summary>
public class ExtremeNetworkTests
{
    [Theory]
    [InlineData(0, 4)]
    [InlineData(4, 0)]
    [InlineData(2, 3)]
    [InlineData(0, 0)]
    public void A_batch_that_a_network_does_not_take_is_refused_whoever_runs_it(int size, int fed)
    {
        using var model = new TestModel().Input("x", size, 3).Weights("w", 0.5f, 3, 2).Node("MatMul", "x w", "y").Output("y").Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var inputs = new Dictionary<string, Tensor> { ["x"] = new TestModel(7).RandomTensor(Shape.Of(fed, 3), 1) };
        var batch = new Batch(inputs, null, [.. Enumerable.Range(0, fed).Select(i => $"#{i}")]);
        Action[] ways = [() => model.Run(inputs), () => fused.Run(inputs), () => prepared.Run(inputs), () => Calibrate(fused, batch)];
        foreach (var run in ways)
        {
            var error = Record.Exception(run);
            Assert.True(error is CaliperException || (error is null && size == fed), error?.ToString());
        }
    }

    [Theory]
    [InlineData(float.Epsilon)]
    [InlineData(1e-38f)]
    [InlineData(1e18f)]
    [InlineData(1e30f)]
    [InlineData(3e38f)]
    public void Numbers_beyond_all_others_are_equalized_or_left(float size)
    {
        var network = new TestModel().Input("x", -1, 3, 6, 6).ConvBlock("c", "x", 3, 8).Weights("w", size, 4, 8, 1, 1)
            .Node("Conv", "c.relu w", "d").Constant("stride", Tensor.Scalar(size)).Node("Mul", "d stride", "m").Node("Relu", "m", "r")
            .Weights("v", 1, 2, 4, 1, 1).Node("Conv", "r v", "y").Output("y");
        using var model = network.Build();
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var batch = WholeFlow.BatchOf(new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(2, 3, 6, 6), 2) });
        Assert.True(Record.Exception(() => RecipeSearch.Equalized(prepared, Calibrate(fused, batch))?.Fused.Dispose()) is null or CaliperException);
    }

    [Fact]
    public void Outputs_larger_than_a_long_can_say_have_a_size()
    {
        using var model = new TestModel().Input("x", -1, 1, 8, 8).Weights("w", 0.5f, 1, 1, 1, 1)
            .Node("Conv", "x w", "y", n => n.With("pads", 1L << 61, 0, 0, 0)).Output("y").Build();
        var inputs = new Dictionary<string, Tensor> { ["x"] = new TestModel(7).RandomTensor(Shape.Of(3, 1, 8, 8), 1) };
        Assert.Equal(1, new ObservedSizes(model.Model.Graph).SamplesAtOnce(inputs, 3, 1 << 20));
    }

    private static CalibrationStatistics Calibrate(FusedModel fused, Batch batch)
    {
        using var calibrator = new Calibrator(fused);
        calibrator.Observe([batch]);
        return calibrator.Statistics;
    }
}
