using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx.Upgrades;

namespace Caliper.Runtime.Tests.Onnx;

public class OpsetUpgradeTests
{
    [Fact]
    public void A_model_that_is_new_enough_is_left_alone()
    {
        var model = Model(13, Node("Softmax"));
        Assert.Same(model, OpsetUpgrade.To(model, 13));
        Assert.Same(model, OpsetUpgrade.To(model, 11));
    }

    [Fact]
    public void There_is_nothing_newer_than_21() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => OpsetUpgrade.To(Model(9, Node("Relu")), 22));

    [Fact]
    public void The_format_version_follows_the_operators()
    {
        var raised = OpsetUpgrade.To(Model(9, Node("Relu")) with { IrVersion = 3 }, 13);
        Assert.Equal((13, 7), (raised.Opset, raised.IrVersion));
    }

    [Fact]
    public void Only_the_standards_operators_are_raised()
    {
        var node = Node("Squeeze").With("axes", new AttributeValue.Ints([0])) with { Domain = "com.example" };
        Assert.Same(node, OpsetUpgrade.To(Model(9, node), 13).Graph.Nodes[0]);
    }

    [Fact]
    public void Softmax_over_channels_of_one_pixel_needs_no_reshaping()
    {
        var raised = OpsetUpgrade.To(Model(9, Node("Softmax"), Dimension.Named("N"), 10, 1, 1), 13);
        Assert.Equal(1, Assert.Single(raised.Graph.Nodes).Int("axis", 0));
    }

    [Fact]
    public void Softmax_over_several_axes_goes_through_a_matrix()
    {
        var raised = OpsetUpgrade.To(Model(9, Node("Softmax"), 2, 3, 4), 13);
        Assert.Equal(["Flatten", "Softmax", "Reshape"], raised.Graph.Nodes.Select(n => n.OpType));
        Assert.Equal("node", raised.Graph.Nodes[1].Name);
    }

    [Fact]
    public void Limits_of_a_clip_have_the_type_of_its_data()
    {
        var model = Model(9, Node("Clip").With("max", 6f), 2, 3);
        var half = model with { Graph = model.Graph.With(inputs: [model.Graph.Inputs[0] with { Type = ElementType.Float16 }]) };
        Assert.Equal(ElementType.Float16, OpsetUpgrade.To(half, 13).Graph.Initializers.Single().Value.Type);
    }

    [Fact]
    public void A_batch_normalization_of_single_pixels_is_refused() =>
        Refuses("spatial=0", Model(7, Node("BatchNormalization", inputs: 5).With("spatial", 0), 2, 3, 4));

    [Fact]
    public void A_batch_normalization_of_features_has_no_pixels() =>
        Assert.False(OpsetUpgrade.To(Model(7, Node("BatchNormalization", inputs: 5).With("spatial", 0), 2, 3), 13)
            .Graph.Nodes[0].Attributes.ContainsKey("spatial"));

    [Fact]
    public void A_scan_over_batches_is_refused() => Refuses("batch axis", Model(8, Node("Scan")));

    [Fact]
    public void An_operator_that_was_dropped_is_refused() => Refuses("no such operator", Model(9, Node("Crop")));

    [Fact]
    public void A_resize_that_both_shrinks_and_stretches_does_one_after_the_other()
    {
        var graph = Model(10, Node("Resize", inputs: 2), 1, 1, 4, 4).Graph;
        var scales = ImmutableSortedDictionary<string, Tensor>.Empty.Add("x1", Tensor.Vector(1f, 1f, 2f, 0.5f));
        var raised = OpsetUpgrade.To(new Model(graph.With(inputs: [graph.Inputs[0]], initializers: scales), Opset(10)), 13).Graph;
        // Where an axis shrinks the pixel after is taken, where one stretches the pixel before.
        Assert.Equal([("Min", "ceil"), ("Max", "floor")], raised.Nodes.Where(n => n.OpType == "Resize")
            .Select(n => (raised.ProducerOf(n.Inputs[2])!.OpType, n.Text("nearest_mode", ""))));
        Assert.Equal(["Min", "Resize", "Max", "Resize"], raised.Nodes.Select(n => n.OpType));
    }

    [Fact]
    public void A_dropout_whose_mask_is_read_is_refused()
    {
        var node = Node("Dropout") with { Outputs = ["y", "mask"] };
        var none = ImmutableSortedDictionary<string, Tensor>.Empty;
        var graph = new Graph("g", [Value("x0")], [Value("y"), Value("mask")], [node], none);
        Refuses("its mask is read", new Model(graph, Opset(9)));
    }

    [Theory]
    [InlineData("ReduceL1")]
    [InlineData("ReduceL2")]
    [InlineData("ReduceLogSum")]
    [InlineData("ReduceLogSumExp")]
    [InlineData("ReduceMax")]
    [InlineData("ReduceMean")]
    [InlineData("ReduceMin")]
    [InlineData("ReduceProd")]
    [InlineData("ReduceSumSquare")]
    public void Axes_of_reductions_become_inputs(string opType)
    {
        var raised = OpsetUpgrade.To(Model(13, Node(opType).With("axes", [2L, 3L]), 1, 2, 3, 4), 21);
        var node = Assert.Single(raised.Graph.Nodes);
        Assert.False(node.Attributes.ContainsKey("axes"));
        Assert.Equal([2L, 3L], raised.Graph.Constant(node.Inputs[1])!.Span<long>().ToArray());
        Assert.Equal((21, 10), (raised.Opset, raised.IrVersion));
    }

    [Fact]
    public void A_reduction_of_everything_has_no_axes() =>
        Assert.Single(OpsetUpgrade.To(Model(13, Node("ReduceMax"), 2, 3), 18).Graph.Nodes[0].Inputs);

    [Fact]
    public void Equal_pieces_are_counted()
    {
        var split = Node("Split") with { Outputs = ["y", "z", "w"] };
        Assert.Equal(3, OpsetUpgrade.To(Model(13, split, 6), 18).Graph.Nodes[0].Int("num_outputs", 0));
        var sized = Node("Split", inputs: 2) with { Outputs = ["y", "z"] };
        Assert.Equal(0, OpsetUpgrade.To(Model(13, sized, 6), 18).Graph.Nodes[0].Int("num_outputs", 0));
    }

    [Fact]
    public void What_was_the_only_way_is_said_once_there_are_others()
    {
        var align = OpsetUpgrade.To(Model(10, Node("RoiAlign", 3)), 16).Graph.Nodes[0];
        Assert.Equal("output_half_pixel", align.Text("coordinate_transformation_mode", ""));
        Assert.Equal("cubic", OpsetUpgrade.To(Model(16, Node("GridSample", 2).With("mode", "bicubic")), 20).Graph.Nodes[0].Text("mode", ""));
        Assert.Equal("", OpsetUpgrade.To(Model(16, Node("GridSample", 2).With("mode", "bilinear")), 20).Graph.Nodes[0].Text("mode", ""));
        var dft = OpsetUpgrade.To(Model(17, Node("DFT").With("axis", 2L)), 20);
        Assert.Equal(2, dft.Graph.Constant(dft.Graph.Nodes[0].Inputs[2])!.Span<long>()[0]);
    }

    [Fact]
    public void A_normalization_with_a_scale_for_each_group_is_refused()
    {
        var error = Assert.Throws<CaliperException>(() => OpsetUpgrade.To(Model(18, Node("GroupNormalization", 3), 1, 4, 2), 21));
        Assert.Contains("for each channel", error.Message, StringComparison.Ordinal);
    }

    private static void Refuses(string why, Model model)
    {
        var error = Assert.Throws<CaliperException>(() => OpsetUpgrade.To(model, 13));
        Assert.Contains($"'node' ({model.Graph.Nodes[0].OpType}) cannot be raised", error.Message, StringComparison.Ordinal);
        Assert.Contains(why, error.Message, StringComparison.Ordinal);
    }

    private static Node Node(string opType, int inputs = 1) =>
        new("node", opType, [.. Enumerable.Range(0, inputs).Select(i => $"x{i}")], ["y"]);

    private static Model Model(long opset, Node node, params Dimension[] dimensions)
    {
        var inputs = node.Inputs.Select((name, i) => Value(name,
            i == 0 && dimensions.Length > 0 ? new Shape([.. dimensions]) : null));
        var graph = new Graph("g", [.. inputs], [Value("y")], [node], ImmutableSortedDictionary<string, Tensor>.Empty);
        return new Model(graph, Opset(opset));
    }

    private static Value Value(string name, Shape? shape = null) => new(name, ElementType.Float32, shape);

    private static ImmutableSortedDictionary<string, long> Opset(long version) =>
        ImmutableSortedDictionary<string, long>.Empty.Add("", version);
}
