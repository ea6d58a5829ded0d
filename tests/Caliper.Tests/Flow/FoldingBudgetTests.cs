using Caliper.Graphs;

namespace Caliper.Tests.Flow;

/// <summary>What is computed in advance, and what is too large for it.</summary>
public class FoldingBudgetTests
{
    [Fact]
    public void Weights_of_more_than_a_million_elements_that_are_transposed_become_int8_and_so_do_small_ones_beside_them()
    {
        using var model = new TestModel().Input("x", -1, 1030).Weights("large", 0.05f, 1030, 1030).Weights("small", 0.1f, 5, 1030)
            .Node("Transpose", "large", "lt", n => n.With("perm", 1, 0)).Node("MatMul", "x lt", "h")
            .Node("Transpose", "small", "st", n => n.With("perm", 1, 0)).Node("MatMul", "h st", "y").Output("y").Build();
        Assert.Equal(["h", "y"], WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(8, 1030), 2) }));
    }

    [Fact]
    public void Weights_put_together_from_factors_become_int8()
    {
        using var model = new TestModel().Input("x", -1, 64).Weights("w", 0.2f, 64, 64).Weights("a", 0.2f, 64, 4).Weights("b", 0.2f, 4, 64)
            .Node("MatMul", "a b", "ab").Node("Add", "w ab", "sum").Node("MatMul", "x sum", "y").Output("y").Build();
        Assert.Equal(["y"], WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(8, 64), 2) }));
    }

    [Theory]
    [InlineData("ConstantOfShape", "shape")]
    [InlineData("Expand", "one shape")]
    [InlineData("Tile", "cell shape")]
    [InlineData("Range", "from to step")]
    [InlineData("Pad", "row pads")]
    public void What_grows_beyond_a_million_elements_stays_a_computation_and_stops_nothing_else(string operation, string inputs)
    {
        var network = new TestModel().Input("x", -1, 8).Weights("w", 0.5f, 4, 8).Node("Transpose", "w", "wt", n => n.With("perm", 1, 0))
            .Node("MatMul", "x wt", "y").Constant("shape", Tensor.Vector(1L << 11, 1L << 11)).Constant("one", Tensor.Scalar(1f))
            .Constant("cell", Tensor.Of(Shape.Of(1, 1), [1f])).Constant("row", Tensor.Vector(1f)).Constant("pads", Tensor.Vector(0L, 1L << 22))
            .Constant("from", Tensor.Scalar(0f)).Constant("to", Tensor.Scalar((float)(1 << 22))).Constant("step", Tensor.Scalar(1f))
            .Node(operation, inputs, "grown").Node("ReduceSum", "grown", "sum", n => n.With("keepdims", 0)).Output("y").Output("grown");
        using var model = network.Output("sum").Build();
        using var fused = model.Fuse();
        Assert.Null(fused.Model.Graph.ProducerOf("wt"));
        Assert.NotNull(fused.Model.Graph.ProducerOf("grown"));
        // Read on the way it may be large: its sum is one number.
        Assert.NotNull(fused.Model.Graph.Constant("sum"));
    }

    [Theory]
    [InlineData("ConstantOfShape", "shape")]
    [InlineData("Expand", "one shape")]
    [InlineData("Tile", "cell shape")]
    [InlineData("Range", "from to step")]
    [InlineData("Pad", "row pads")]
    public void Gigabytes_from_a_small_file_are_refused_by_name(string operation, string inputs)
    {
        using var model = new TestModel().Input("x", -1, 8).Weights("w", 0.5f, 8, 4).Node("MatMul", "x w", "y")
            .Constant("shape", Tensor.Vector(1L << 16, 1L << 16)).Constant("one", Tensor.Scalar(1f))
            .Constant("cell", Tensor.Of(Shape.Of(1, 1), [1f])).Constant("row", Tensor.Vector(1f)).Constant("pads", Tensor.Vector(0L, 1L << 32))
            .Constant("from", Tensor.Scalar(0f)).Constant("to", Tensor.Scalar(4e9f)).Constant("step", Tensor.Scalar(1f))
            .Node(operation, inputs, "grown").Node("ReduceSum", "grown", "sum", n => n.With("keepdims", 0)).Output("y").Output("sum").Build();
        Assert.Contains("'grown'", Assert.Throws<CaliperException>(model.Fuse).Message);
    }
}
