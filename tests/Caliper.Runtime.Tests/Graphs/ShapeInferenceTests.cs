using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Graphs.Shapes;
using CsCheck;

namespace Caliper.Runtime.Tests.Graphs;

public class ShapeInferenceTests
{
    private static readonly Dimension N = Dimension.Named("N");

    [Fact]
    public void A_free_batch_keeps_its_name_through_a_network()
    {
        var graph = Infer(
            [Input("x", N, 3, 8, 8)],
            [
                Node("Conv", ["x", "w"], "c").With("pads", 1L, 1, 1, 1),
                Node("Relu", ["c"], "r"),
                Node("Add", ["r", "bias"], "a"),
                Node("GlobalAveragePool", ["a"], "g"),
                Node("Flatten", ["g"], "f"),
                Node("Gemm", ["f", "m"], "y"),
            ],
            ("w", Floats(4, 3, 3, 3)), ("bias", Floats(4, 1, 1)), ("m", Floats(4, 10)));
        Assert.Equal("c: Float32 N×4×8×8", graph.Find("c")!.ToString());
        Assert.Equal("g: Float32 N×4×1×1", graph.Find("g")!.ToString());
        Assert.Equal("y: Float32 N×10", graph.Find("y")!.ToString());
    }

    [Fact]
    public void A_shape_computed_by_the_model_is_followed()
    {
        // What PyTorch writes for x.view(x.size(0), -1).
        var graph = Infer(
            [Input("x", N, 3, 4)],
            [
                Node("Shape", ["x"], "s"),
                Node("Gather", ["s", "zero"], "n").With("axis", 0),
                Node("Unsqueeze", ["n", "axis0"], "n1"),
                Node("Concat", ["n1", "rest"], "t").With("axis", 0),
                Node("Reshape", ["x", "t"], "y"),
            ],
            ("zero", Tensor.Scalar(0L)), ("axis0", Tensor.Vector(0L)), ("rest", Tensor.Vector(-1L)));
        Assert.Equal("y: Float32 N×12", graph.Find("y")!.ToString());
    }

    [Fact]
    public void The_free_axis_of_a_reshape_may_be_the_batch() =>
        Assert.Equal("y: Float32 N×12", Reshaped(-1, 12));

    [Fact]
    public void A_batch_and_features_that_are_mixed_are_not_known() =>
        Assert.Equal("y: Float32 ?×6", Reshaped(-1, 6));

    private static string Reshaped(params long[] target) =>
        Infer([Input("x", N, 3, 4)], [Node("Reshape", ["x", "t"], "y")], ("t", Tensor.Vector(target))).Find("y")!.ToString();

    [Fact]
    public void What_an_unknown_operator_returns_is_what_the_file_says_of_it()
    {
        var node = Node("Novelty", ["x"], "y");
        Assert.Null(Infer([Input("x", 2)], [node, Node("Relu", ["y"], "z")]).Find("z")!.Shape);
        var told = new Graph("g", [Input("x", 2)], [new Value("z", ElementType.Undefined, null)],
            [node, Node("Relu", ["y"], "z")],
            ImmutableSortedDictionary<string, Tensor>.Empty, [new Value("y", ElementType.Int8, Shape.Of(7))]);
        Assert.Equal("z: Int8 7", ShapeInference.Infer(told).Find("z")!.ToString());
    }

    [Fact]
    public void An_operator_of_another_domain_is_not_taken_for_the_standards() =>
        Assert.Null(Infer([Input("x", 2)], [Node("Relu", ["x"], "y") with { Domain = "com.example" }]).Find("y")!.Shape);

    [Fact]
    public void What_the_file_says_is_corrected()
    {
        var graph = new Graph("g", [Input("x", 2)], [new Value("z", ElementType.Float32, Shape.Of(1))],
            [Node("Relu", ["x"], "y"), Node("Relu", ["y"], "z")], ImmutableSortedDictionary<string, Tensor>.Empty,
            [new Value("y", ElementType.Float32, Shape.Of(9))]);
        Assert.Equal("y: Float32 2", ShapeInference.Infer(graph).Find("y")!.ToString());
        Assert.Equal("z: Float32 2", ShapeInference.Infer(graph).Find("z")!.ToString());
    }

    [Fact]
    public void Weights_for_other_channels_are_an_error_that_names_the_node() =>
        Refuses("'y' (Conv) has weights of shape 4×2×3×3 in 1 groups, for 2 channels, but its input has 3",
            Node("Conv", ["x", "w"], "y"), [Input("x", 1, 3, 8, 8)], ("w", Floats(4, 2, 3, 3)));

    [Fact]
    public void A_kernel_that_contradicts_the_weights_is_an_error() =>
        Refuses("says its kernel is 5×5", Node("Conv", ["x", "w"], "y").With("kernel_shape", 5L, 5), [Input("x", 1, 3, 8, 8)],
            ("w", Floats(4, 3, 3, 3)));

    [Theory]
    [InlineData("Conv")]
    [InlineData("ConvTranspose")]
    public void Weights_and_bias_belong_together_where_the_datas_shape_is_not_known(string operation)
    {
        Value[] inputs = [new("x", ElementType.Float32, null)];
        Refuses("numbers in 'b'", Node(operation, ["x", "w", "b"], "y"), inputs, ("w", Floats(6, 2, 3)), ("b", Floats(6, 2, 3)));
        Refuses("have no kernel", Node(operation, ["x", "w"], "y"), inputs, ("w", Floats(6, 2)));
        Refuses("in 4 groups", Node(operation, ["x", "w"], "y").With("group", 4), inputs, ("w", Floats(6, 2, 3)));
    }

    [Fact]
    public void A_window_larger_than_the_data_is_an_error() =>
        Refuses("a window of 3 on an axis of 2", Node("MaxPool", ["x"], "y").With("kernel_shape", 3L, 3),
            [Input("x", 1, 3, 2, 2)]);

    [Fact]
    public void A_stride_of_nothing_is_an_error() =>
        Refuses("not positive", Node("MaxPool", ["x"], "y").With("kernel_shape", 3L, 3).With("strides", 0L, 1),
            [Input("x", 1, 3, 9, 9)]);

    [Fact]
    public void Matrices_that_do_not_fit_are_an_error() =>
        Refuses("multiplies 2×3 by 4×5", Node("MatMul", ["a", "b"], "y"), [Input("a", 2, 3), Input("b", 4, 5)]);

    [Fact]
    public void Shapes_that_do_not_broadcast_are_an_error() =>
        Refuses("cannot broadcast 2×3 with 4", Node("Add", ["a", "b"], "y"), [Input("a", 2, 3), Input("b", 4)]);

    [Fact]
    public void Shapes_that_do_not_join_are_an_error() =>
        Refuses("joins 2×3 and 3×3 along axis 1", Node("Concat", ["a", "b"], "y").With("axis", 1),
            [Input("a", 2, 3), Input("b", 3, 3)]);

    [Fact]
    public void A_reshape_to_another_number_of_elements_is_an_error() =>
        Refuses("cannot arrange 2×3 as 4×2", Node("Reshape", ["x", "t"], "y"), [Input("x", 2, 3)],
            ("t", Tensor.Vector(4L, 2L)));

    [Fact]
    public void A_batch_normalization_of_other_channels_is_an_error() =>
        Refuses("4 numbers in 'v' where it needs 3", Node("BatchNormalization", ["x", "v", "v", "v", "v"], "y"),
            [Input("x", 1, 3, 8)], ("v", Floats(4)));

    [Fact]
    public void An_axis_that_is_not_there_is_an_error() =>
        Refuses("has axis 2, but its input has 2 axes", Node("ReduceMean", ["x"], "y").With("axes", 0L, 2), [Input("x", 2, 3)]);

    [Fact]
    public void A_size_that_overflows_is_an_error() =>
        Refuses("overflow", Node("Conv", ["x", "w"], "y").With("pads", new AttributeValue.Ints([long.MaxValue, long.MaxValue])),
            [Input("x", 1, 3, 9)], ("w", Floats(4, 3, 3)));

    [Fact]
    public void Whatever_a_node_says_it_is_understood_or_refused()
    {
        var length = Gen.OneOf(0L, 1, 2, 3, 4, 8, long.MaxValue, -1, -2);
        var number = Gen.OneOf(0L, 1, 2, 3, -1, -2, 9, long.MaxValue, long.MinValue, int.MaxValue);
        var input = Gen.Select(length.Array[0, 5], number.Array[0, 5], Gen.Int[0, 4]);
        var names = new[]
        {
            "axes", "axis", "pads", "kernel_shape", "strides", "dilations", "group", "perm", "split", "starts", "ends", "k",
            "blocksize", "output_shape", "output_padding", "ceil_mode", "keepdims", "allowzero", "start", "end", "batch_dims", "hidden_size",
            "to", "dtype", "output_height", "shape", "output_dtype", "noop_with_empty_axes", "transA",
        };
        var attribute = Gen.Select(Gen.OneOf(names), number.Array[0, 5], Gen.Bool);
        Gen.Select(Gen.OneOf(RuleTable.Operators.ToArray()), input.Array[0, 5], attribute.Array[0, 4])
            .Sample((opType, inputs, attributes) =>
        {
            var read = inputs.Select((i, at) => i.Item3 == 0 ? "" : $"x{at}");
            var node = Node(opType, [.. read], "y") with { Outputs = ["y", "z", ""] };
            foreach (var (name, numbers, isSingle) in attributes)
            {
                var isNumber = isSingle && numbers.Length > 0;
                node = node.With(name, isNumber ? new AttributeValue.Int(numbers[0]) : new AttributeValue.Ints([.. numbers]));
            }
            var given = inputs.Select((i, at) => (Name: $"x{at}", Lengths: i.Item1, Numbers: i.Item2, Kind: i.Item3)).ToArray();
            var values = given.Where(g => g.Kind is 1 or 2).Select(g => Input(g.Name, [.. g.Lengths.Select(LengthOf)]));
            var constants = given.Where(g => g.Kind is 3 or 4).Select(g => (g.Name, g.Kind == 3 ? Tensor.Vector(g.Numbers)
                : g.Numbers is [var only, ..] ? Tensor.Scalar(only)
                : Floats(2)));
            try
            {
                ShapeFolding.Fold(Graph([.. values], [node, Node("Identity", ["y"], "end")], [.. constants]));
            }
            catch (CaliperException e)
            {
                Assert.Contains("'y'", e.Message, StringComparison.Ordinal);
            }
        }, iter: 5_000);
    }

    private static Dimension LengthOf(long number) => number >= 0 ? number : number == -1 ? N : Dimension.Unknown;

    private static void Refuses(string message, Node node, Value[] inputs, params (string, Tensor)[] constants) =>
        Assert.Contains(message, Assert.Throws<CaliperException>(() => Infer(inputs, [node], constants)).Message,
            StringComparison.Ordinal);

    private static Graph Infer(Value[] inputs, Node[] nodes, params (string, Tensor)[] constants) =>
        ShapeInference.Infer(Graph(inputs, nodes, constants));

    private static Graph Graph(Value[] inputs, Node[] nodes, params (string Name, Tensor Value)[] constants) => new(
        "g", [.. inputs], [new Value(nodes[^1].Output, ElementType.Undefined, null)], nodes,
        constants.ToImmutableSortedDictionary(c => c.Name, c => c.Value, StringComparer.Ordinal));

    private static Node Node(string opType, string[] inputs, string output) => new(output, opType, [.. inputs], [output]);

    private static Value Input(string name, params Dimension[] dimensions) =>
        new(name, ElementType.Float32, new Shape([.. dimensions]));

    private static Tensor Floats(params long[] lengths)
    {
        var shape = Shape.Of(lengths);
        return Tensor.Of(shape, new float[shape.ElementCount]);
    }
}
