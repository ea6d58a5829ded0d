using Caliper.Graphs;

namespace Caliper.Tests.Fusion;

/// <summary>Networks as PyTorch's exporter of opset 18 writes them: for any type, for any number of tensors, and with more than is read.</summary>
public class PlainOperatorsTests
{
    [Fact]
    public void A_cast_to_the_same_type_is_none_and_one_of_a_constant_is_a_constant()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).Weights("w", 0.5f, 4, 3, 3, 3).Weights("v", 0.5f, 4, 4, 3, 3)
            .Constant("zero", Tensor.Scalar(0L)).Constant("pads", Tensor.Vector(0L, 0, 1, 1, 0, 0, 1, 1))
            .Node("CastLike", "zero x", "fill").Node("Pad", "x pads fill", "p").Node("Conv", "p w", "c")
            .Node("CastLike", "c x", "same").Node("Relu", "same", "r").Node("Conv", "r v", "y").Output("y").Build();
        AssertComputes(model, "Pad", "Conv", "Relu", "Conv");
    }

    [Fact]
    public void A_cast_to_a_known_type_is_that_cast()
    {
        using var model = new TestModel().Input(ElementType.Int64, "i", -1, 4).Input("x", -1, 4).Weights("w", 1, 4, 4)
            .Node("CastLike", "i x", "f").Node("Add", "f x", "s").Node("MatMul", "s w", "y").Output("y").Build();
        using var fused = model.Fuse();
        Assert.Equal(["Cast", "Add", "MatMul"], fused.Model.Graph.Nodes.Select(n => n.OpType));
    }

    [Theory]
    [InlineData(0, 1, "Conv Relu Concat")]
    [InlineData(0, -1, "Conv Relu Concat")]
    [InlineData(1, 0, "Conv Relu Unsqueeze Unsqueeze Concat")]
    [InlineData(1, -1, "Conv Relu Unsqueeze Unsqueeze Concat")]
    public void A_sequence_that_is_joined_is_a_concat(long stacks, long axis, string nodes)
    {
        using var model = Convolution().Node("Relu", "c", "r").Node("SequenceConstruct", "c r", "all")
            .Node("ConcatFromSequence", "all", "y", n => n.With("axis", axis).With("new_axis", stacks)).Output("y").Build();
        AssertComputes(model, nodes.Split(' '));
    }

    [Fact]
    public void An_element_of_a_sequence_is_that_tensor()
    {
        using var model = Convolution().Node("Relu", "c", "r").Node("Neg", "c", "n").Node("SequenceConstruct", "n r", "all")
            .Constant("last", Tensor.Scalar(-1L)).Node("SequenceAt", "all last", "e").Node("Add", "e c", "y").Output("y").Build();
        AssertComputes(model, "Conv", "Relu", "Add");
    }

    [Fact]
    public void A_split_whose_parts_are_taken_one_by_one_is_a_split()
    {
        using var model = Convolution().Constant("parts", Tensor.Vector(1L, 3)).Constant("0", Tensor.Scalar(0L)).Constant("1", Tensor.Scalar(1L))
            .Node("SplitToSequence", "c parts", "all", n => n.With("axis", 1)).Node("SequenceAt", "all 0", "a").Node("SequenceAt", "all 1", "b")
            .Node("Sigmoid", "a", "g").Node("Mul", "g b", "y").Output("y").Build();
        AssertComputes(model, "Conv", "Split", "Sigmoid", "Mul");
    }

    [Fact]
    public void A_sequence_whose_length_only_a_run_shows_stays()
    {
        using var model = Convolution().Constant("first", Tensor.Scalar(0L)).Node("SplitToSequence", "c", "all", n => n.With("axis", 1))
            .Node("SequenceAt", "all first", "y").Output("y").Build();
        AssertComputes(model, "Conv", "SplitToSequence", "SequenceAt");
    }

    [Fact]
    public void What_nothing_reads_is_not_computed()
    {
        using var model = Convolution().Weights("v", 1, 4, 4, 1, 1).Constant("one", Tensor.Scalar(1L))
            .Node("MaxPool", "c", "p places", n => n.With("kernel_shape", 2, 2)).Node("Add", "places one", "unread")
            .Node("Conv", "p v", "y").Output("y").Build();
        using var fused = AssertComputes(model, "Conv", "MaxPool", "Conv");
        Assert.Single(fused.Model.Graph.Nodes[1].Outputs);
        Assert.All(fused.Prepare(QConfig.Default).Plan.Layers, l => Assert.True(l.IsInteger));
    }

    private static TestModel Convolution() => new TestModel().Input("x", -1, 3, 8, 8).Weights("w", 0.5f, 4, 3, 3, 3).Node("Conv", "x w", "c");

    /// <summary>Checks of what nodes the fused network is, and that it computes what the file does.</summary>
    private static FusedModel AssertComputes(FloatModel model, params string[] nodes)
    {
        var fused = model.Fuse();
        Assert.Equal(nodes, fused.Model.Graph.Nodes.Select(n => n.OpType));
        var x = new Dictionary<string, Tensor> { ["x"] = new TestModel(7).RandomTensor(Shape.Of(2, 3, 8, 8), 2) };
        var (expected, actual) = (model.Run(x)["y"], fused.Run(x)["y"]);
        Assert.Equal(expected.Shape, actual.Shape);
        Assert.True(Closeness.Decibels(expected, actual) > 100);
        return fused;
    }
}
