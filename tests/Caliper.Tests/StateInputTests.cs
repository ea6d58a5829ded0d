using Caliper.Calibration;
using Caliper.Data;
using Caliper.Graphs;

namespace Caliper.Tests;

/// <summary>Networks with inputs that are no image: states of several rows, single numbers.</summary>
public class StateInputTests
{
    [Theory]
    [InlineData(true)]
    [InlineData(false)]
    public void A_state_of_two_rows_is_fed_with_its_sample_in_whatever_order(bool stateFirst)
    {
        using var model = new TestModel().Input("x", 1, 3).Input("state", 2, 1, 3).Node("Add", "x state", "next").Output("next").Build();
        var x = Tensor.Of(Shape.Of(3, 3), Enumerable.Range(0, 9).Select(i => (float)i).ToArray());
        var state = Tensor.Of(Shape.Of(6, 1, 3), Enumerable.Range(0, 18).Select(i => 100f * i).ToArray());
        var fed = stateFirst ? new Dictionary<string, Tensor> { ["state"] = state, ["x"] = x }
            : new Dictionary<string, Tensor> { ["x"] = x, ["state"] = state };
        var next = model.Run(fed)["next"];
        Assert.Equal("6×1×3", next.Shape.ToString());
        Assert.Equal(Enumerable.Range(0, 18).Select(i => 100f * i + i / 6 * 3 + i % 3), next.Span<float>().ToArray());
    }

    [Fact]
    public void A_free_batch_beside_a_state_whose_batch_is_its_second_axis_goes_sample_by_sample_in_calibration()
    {
        using var model = new TestModel().Input("x", -1, 4).Input("state", 2, -1, 4).Weights("w", 0.3f, 4, 4)
            .Node("Add", "x state", "sum").Node("MatMul", "sum w", "y").Output("y").Build();
        using var calibrator = new Calibrator(model.Fuse());
        var random = new TestModel(3);
        calibrator.Observe(new Batch(new Dictionary<string, Tensor>
        {
            ["x"] = random.RandomTensor(Shape.Of(5, 4), 1),
            ["state"] = random.RandomTensor(Shape.Of(10, 1, 4), 1),
        }, null, ["a", "b", "c", "d", "e"]));
        Assert.Equal(5, calibrator.Statistics.Samples.Count);
    }

    [Fact]
    public void A_single_number_comes_as_one_for_each_sample()
    {
        using var model = new TestModel().Input("x", 1, 2).Input("rate").Node("Mul", "x rate", "y").Output("y").Build();
        var fed = new Dictionary<string, Tensor>
        {
            ["rate"] = Tensor.Vector(2f, 3f),
            ["x"] = Tensor.Of(Shape.Of(2, 2), [1f, 2, 3, 4]),
        };
        Assert.Equal([2f, 4, 9, 12], model.Run(fed)["y"].Span<float>().ToArray());
        fed["rate"] = Tensor.Scalar(2f);
        Assert.Equal([2f, 4, 6, 8], model.Run(fed)["y"].Span<float>().ToArray());
    }

    [Fact]
    public void Batches_of_different_sizes_are_refused()
    {
        using var model = new TestModel().Input("x", 1, 2).Input("state", 2, 2).Node("Add", "x state", "y").Output("y").Build();
        var fed = new Dictionary<string, Tensor>
        {
            ["x"] = Tensor.Of(Shape.Of(3, 2), new float[6]),
            ["state"] = Tensor.Of(Shape.Of(4, 2), new float[8]),
        };
        Assert.Contains("different sizes", Assert.Throws<CaliperException>(() => model.Run(fed)).Message, StringComparison.Ordinal);
    }
}
