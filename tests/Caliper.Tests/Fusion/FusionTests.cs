using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Tests.Fusion;

public class FusionTests
{
    [Fact]
    public void A_convolution_takes_up_its_batch_norm_and_its_relu()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("conv", "x", 3, 5).Output("conv.relu").Build();
        using var fused = AssertFuses(model, batch: 2);
        Assert.Equal(["Conv", "Relu"], OpTypes(fused));
        Assert.Equal("ConvReLU2d", Assert.Single(fused.Layers).Kind);
    }

    [Fact]
    public void A_batch_norm_whose_input_has_another_reader_is_not_folded_into_it()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("conv", "x", 3, 5, relu: false)
            .Node("Add", "conv conv.bn", "sum").Output("sum").Build();
        using var fused = AssertFuses(model, batch: 2);
        Assert.Equal(["Conv", "Conv", "Add"], OpTypes(fused));
    }

    [Fact]
    public void A_batch_norm_whose_input_is_a_graph_output_is_not_folded_into_it()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("conv", "x", 3, 5, relu: false)
            .Output("conv").Output("conv.bn").Build();
        using var fused = AssertFuses(model, batch: 2);
        Assert.Equal(2, OpTypes(fused).Length);
    }

    [Theory]
    [InlineData(0, 1)]
    [InlineData(1, 2)]
    public void A_batch_norm_before_a_convolution_is_folded_only_where_nothing_is_padded(long padding, int nodesLeft)
    {
        using var model = new TestModel().Input("x", -1, 4, 8, 8).BatchNorm("bn", "x", 4).Weights("w", 0.5f, 6, 2, 3, 3)
            .Node("Conv", "bn w", "y", n => n.With("group", 2).With("pads", padding, padding, padding, padding)).Output("y").Build();
        using var fused = AssertFuses(model, batch: 2);
        Assert.Equal(nodesLeft, OpTypes(fused).Length);
        Assert.All(OpTypes(fused), type => Assert.Equal("Conv", type));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void A_transposed_convolution_takes_up_its_batch_norm(long group)
    {
        using var model = new TestModel().Input("x", -1, 4, 6, 6).Weights("w", 0.5f, 4, 6 / group, 2, 2)
            .Node("ConvTranspose", "x w", "y", n => n.With("group", group).With("strides", 2, 2)).BatchNorm("bn", "y", 6).Output("bn").Build();
        using var fused = AssertFuses(model, batch: 2);
        Assert.Equal(["ConvTranspose"], OpTypes(fused));
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void A_linear_layer_takes_up_its_factors_and_its_batch_norm(long transposed)
    {
        using var model = new TestModel().Input("x", -1, 7).Weights("w", 0.5f, transposed == 0 ? [7, 5] : [5, 7]).Weights("b", 1, 1, 5)
            .Node("Gemm", "x w b", "y", n => n.With("transB", transposed).With("alpha", 0.5f).With("beta", 2f))
            .BatchNorm("bn", "y", 5).Output("bn").Build();
        using var fused = AssertFuses(model, batch: 3);
        var gemm = Assert.Single(fused.Model.Graph.Nodes);
        Assert.Equal(1, gemm.Float("alpha", 1));
    }

    [Fact]
    public void MatMul_and_Add_become_one_linear_layer()
    {
        using var model = new TestModel().Input("x", -1, 7).Weights("w", 0.5f, 7, 5).Weights("b", 1, 5)
            .Node("MatMul", "x w", "y").Node("Add", "b y", "z").Node("Relu", "z", "r").Output("r").Build();
        using var fused = AssertFuses(model, batch: 3);
        Assert.Equal("LinearReLU", Assert.Single(fused.Layers).Kind);
    }

    [Fact]
    public void MatMul_and_Add_over_three_axes_are_one_layer_too()
    {
        using var model = new TestModel().Input("x", -1, 4, 7).Weights("w", 0.5f, 7, 5).Weights("b", 1, 5)
            .Node("MatMul", "x w", "y").Node("Add", "y b", "z").Output("z").Build();
        using var fused = AssertFuses(model, batch: 3);
        Assert.NotNull(Assert.Single(fused.Layers).BiasAdd);
    }

    [Fact]
    public void A_Pad_by_nothing_is_gone_and_another_stays()
    {
        using var model = new TestModel().Input("x", -1, 2, 5, 5).Constant("none", Tensor.Vector(0L, 0, 0, 0, 0, 0, 0, 0))
            .Constant("some", Tensor.Vector(0L, 0, 0, 0, 0, 0, 0, 1)).Node("Pad", "x none", "a").Node("Relu", "a", "b").Node("Pad", "b some", "c")
            .Node("Relu", "c", "y").Output("y").Build();
        using var fused = model.Fuse();
        Assert.Equal(["Relu", "Pad", "Relu"], fused.Model.Graph.Nodes.Select(n => n.OpType));
    }

    [Fact]
    public void Dropout_and_Identity_are_gone_at_inference()
    {
        using var model = new TestModel().Input("x", -1, 7).Node("Identity", "x", "a").Node("Dropout", "a", "b").Node("Relu", "b", "c")
            .Output("c").Build();
        using var fused = AssertFuses(model, batch: 3);
        Assert.Equal(["Relu"], OpTypes(fused));
    }

    [Fact]
    public void What_depends_on_constants_alone_is_computed_once()
    {
        using var model = new TestModel().Input("x", -1, 2, 4, 4)
            .Constant("half", Tensor.Vector<long>(0, 0, 1, 1)).Node("Concat", "half half", "pads", n => n.With("axis", 0))
            .Constant("zero", Tensor.Scalar(0f)).Node("Pad", "x pads zero", "y").Output("y").Build();
        using var fused = AssertFuses(model, batch: 2);
        Assert.Equal(["Pad"], OpTypes(fused));
    }

    [Fact]
    public void Weights_shared_by_two_convolutions_are_folded_for_each()
    {
        using var model = new TestModel().Input("x", -1, 3, 6, 6).Weights("w", 0.5f, 3, 3, 1, 1)
            .Node("Conv", "x w", "a").BatchNorm("bn1", "a", 3).Node("Conv", "bn1 w", "b").BatchNorm("bn2", "b", 3).Output("bn2").Build();
        using var fused = AssertFuses(model, batch: 2);
        Assert.Equal(["Conv", "Conv"], OpTypes(fused));
    }

    [Fact]
    public void Fusing_leaves_the_float_model_as_it_was()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("conv", "x", 3, 5).Output("conv.relu").Build();
        var before = Onnx.OnnxFile.ToBytes(model.Model);
        model.Fuse().Dispose();
        Assert.Equal(before, Onnx.OnnxFile.ToBytes(model.Model));
    }

    [Theory]
    [InlineData("Add", "y c", 1, 6, 1, 1)]
    [InlineData("Add", "c y", 6, 1, 1)]
    [InlineData("Sub", "y c", 6, 1, 1)]
    [InlineData("Mul", "c y", 1, 6, 1, 1)]
    [InlineData("Div", "y c", 1)]
    public void A_convolution_takes_up_what_is_added_to_its_channels_or_multiplied_with_them(string opType, string operands, params int[] shape)
    {
        foreach (var isTransposed in new[] { false, true })
        {
            using var model = Convolution(isTransposed).Weights("c", 0.5f, [.. shape.Select(l => (long)l)]).Node(opType, operands, "affine")
                .BatchNorm("bn", "affine", 6).Node("Add", "bn c", "sum").Output("sum").Build();
            using var fused = AssertFuses(model, batch: 2);
            Assert.Equal([isTransposed ? "ConvTranspose" : "Conv"], OpTypes(fused));
        }
    }

    [Theory]
    [InlineData("Sub", "c y", 0.5f, 6, 1, 1)]
    [InlineData("Div", "c y", 0.5f, 6, 1, 1)]
    [InlineData("Div", "y c", 0f, 6, 1, 1)]
    [InlineData("Add", "y c", 0.5f, 6, 5, 5)]
    [InlineData("Add", "y c", 0.5f, 1, 1, 6, 1, 1)]
    [InlineData("Mul", "y y", 0.5f, 1)]
    public void Nothing_else_that_follows_a_convolution_is_taken_up(string opType, string operands, float number, params int[] shape)
    {
        using var model = Convolution(isTransposed: false).Constant("c", Filled(number, shape))
            .Node(opType, operands, "after").Output("after").Build();
        Assert.Equal(["Conv", opType], OpTypes(model.Fuse()));
    }

    [Theory]
    [InlineData(0, 6, 1)]
    [InlineData(0, 1, 6, 1)]
    [InlineData(1, 6)]
    [InlineData(1, 1, 6)]
    public void Of_as_many_channels_as_pixels_only_channels_are_taken_up(int addsLeft, params int[] shape)
    {
        using var model = new TestModel().Input("x", -1, 4, 6).Weights("w", 0.5f, 6, 4, 1).Node("Conv", "x w", "y")
            .Weights("c", 0.5f, [.. shape.Select(l => (long)l)]).Node("Add", "y c", "sum").Output("sum").Build();
        using var fused = AssertFuses(model, batch: 2);
        Assert.Equal(addsLeft, OpTypes(fused).Count(type => type == "Add"));
    }

    private static Tensor Filled(float number, int[] shape) => Tensor.Of(Shape.Of([.. shape.Select(l => (long)l)]),
        Enumerable.Repeat(number, shape.Aggregate((product, length) => product * length)).ToArray());

    private static TestModel Convolution(bool isTransposed)
    {
        var model = new TestModel().Input("x", -1, 4, 5, 5);
        return isTransposed
            ? model.Weights("w", 0.5f, 4, 3, 2, 2).Node("ConvTranspose", "x w", "y", n => n.With("group", 2).With("strides", 2, 2))
            : model.Weights("w", 0.5f, 6, 2, 1, 1).Node("Conv", "x w", "y", n => n.With("group", 2));
    }

    private static string[] OpTypes(FusedModel model) => [.. model.Model.Graph.Nodes.Select(n => n.OpType)];

    /// <summary>Fuses, and checks that the outputs stay what they were.</summary>
    private static FusedModel AssertFuses(FloatModel model, int batch)
    {
        var fused = model.Fuse();
        var inputs = new Dictionary<string, Tensor> { [""] = new TestModel(7).RandomTensor(model.Inputs[0].Shape!.Value.With(0, batch), 2) };
        var expected = model.Run(inputs);
        foreach (var (name, actual) in fused.Run(inputs))
        {
            Assert.Equal(expected[name].Shape, actual.Shape);
            Assert.InRange(Closeness.Decibels(expected[name], actual), Tolerances.FloatRoundingDecibels, double.PositiveInfinity);
        }
        return fused;
    }
}
