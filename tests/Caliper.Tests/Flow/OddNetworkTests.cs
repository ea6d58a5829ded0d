using Caliper.Evaluation;
using Caliper.Graphs;

namespace Caliper.Tests.Flow;

/// <summary>Valid networks that are unlike most: the right answer, or one clear sentence.</summary>
public class OddNetworkTests
{
    public static TheoryData<string, string, bool> ConstantsAfterMatMul()
    {
        var data = new TheoryData<string, string, bool>();
        foreach (var shape in new[] { "", "1", "1,1", "1,1,1", "1,1,1,1", "4", "1,4", "1,1,4", "1,1,1,4", "3,1", "3,4", "2,1,1", "2,3,4", "2,1,4" })
            foreach (var rank in new[] { "3,6", "2,3,6" })
                foreach (var constantFirst in new[] { false, true }) data.Add(rank, shape, constantFirst);
        return data;
    }

    [Theory]
    [MemberData(nameof(ConstantsAfterMatMul))]
    public void A_constant_behind_a_matrix_product_keeps_its_axes(string input, string constant, bool first)
    {
        using var model = new TestModel().Input("x", Lengths(input)).Weights("w", 0.5f, 6, 4).Weights("c", 1, Lengths(constant))
            .Node("MatMul", "x w", "h").Node("Add", first ? "c h" : "h c", "s").Weights("v", 0.5f, 4, 3)
            .Node("MatMul", "s v", "y").Output("y").Build();
        WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(Lengths(input)), 2) }, 25);
    }

    [Theory]
    [InlineData("1,2", "2,2", 0)]
    [InlineData("2,1", "3,2", 0)]
    [InlineData("2,3", "3,2", 1)]
    [InlineData("1,1", "2,2", 0)]
    public void An_average_pool_with_dilations_is_float_and_loads_everywhere(string dilations, string kernel, long countPads)
    {
        using var model = new TestModel().Input("x", -1, 3, 11, 10).Weights("w", 0.4f, 5, 3, 3, 3).Weights("v", 0.4f, 3, 5, 1, 1)
            .Node("Conv", "x w", "a", n => n.With("pads", 1, 1, 1, 1)).Node("Relu", "a", "r")
            .Node("AveragePool", "r", "p", n => n.With("kernel_shape", Lengths(kernel)).With("dilations", Lengths(dilations)).With("pads", 1, 0, 1, 1)
                .With("count_include_pad", countPads)).Node("Conv", "p v", "y").Output("y").Build(opset: 19);
        var made = WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(4, 3, 11, 10), 2) });
        Assert.Equal(dilations == "1,1" ? ["a", "p", "y"] : ["a", "y"], made);
    }

    [Theory]
    [InlineData(ElementType.Float16, true)]
    [InlineData(ElementType.Float16, false)]
    public void A_network_in_sixteen_bits_is_quantized_and_keeps_its_types(ElementType type, bool atBorders)
    {
        var network = new TestModel().Input(atBorders ? type : ElementType.Float32, "x", -1, 3, 8, 8)
            .Constant("w", Half(type, Shape.Of(4, 3, 3, 3), 1)).Constant("b", Half(type, Shape.Of(4), 2))
            .Constant("v", Half(type, Shape.Of(2, 4, 3, 3), 3))
            .Constant("bound", Half(type, Shape.Scalar, 4));
        if (!atBorders) network.Node("Cast", "x", "h", n => n.With("to", (long)type));
        network.Node("Conv", (atBorders ? "x" : "h") + " w b", "c", n => n.With("pads", 1, 1, 1, 1)).Node("Relu", "c", "r")
            .Node("Conv", "r v", "d").Node("Max", "d bound", atBorders ? "y" : "m");
        if (!atBorders) network.Node("Cast", "m", "y", n => n.With("to", (long)ElementType.Float32));
        using var model = network.Output("y", atBorders ? type : ElementType.Float32).Build();
        var made = WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(4, 3, 8, 8), 2) });
        Assert.Equal(["c", "d"], made);
    }

    [Fact]
    public void A_network_of_which_nothing_becomes_int8_can_be_compared()
    {
        using var model = new TestModel().Input("x", -1, 8).Node("Exp", "x", "e").Node("Neg", "e", "y").Output("y").Build();
        Assert.Empty(WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(4, 8), 2) }));
    }

    [Fact]
    public void A_network_whose_first_output_is_an_index_can_be_compared()
    {
        using var model = new TestModel().Input("x", -1, 8).Weights("w", 0.5f, 8, 5).Node("MatMul", "x w", "h")
            .Node("ArgMax", "h", "y", n => n.With("axis", 1)).Output("y", ElementType.Int64).Output("h").Build();
        Assert.Equal(["h"], WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(4, 8), 2) }));
    }

    [Theory]
    [InlineData(float.NaN, "weights")]
    [InlineData(float.PositiveInfinity, "weights")]
    [InlineData(float.NaN, "bias")]
    [InlineData(float.NegativeInfinity, "bias")]
    public void A_constant_that_is_no_number_is_named(float value, string where)
    {
        var (weights, bias) = (Enumerable.Repeat(0.5f, 24).ToArray(), new float[4]);
        if (where == "weights") weights[13] = value; else bias[2] = value;
        using var model = new TestModel().Input("x", -1, 6).Constant("weights", Tensor.Of(Shape.Of(6, 4), weights))
            .Constant("bias", Tensor.Vector(bias)).Node("Gemm", "x weights bias", "y").Output("y").Build();
        using var fused = model.Fuse();
        var error = Assert.Throws<CaliperException>(() =>
        {
            using var prepared = fused.Prepare(QConfig.Default);
            prepared.Run(new TestModel().Input("x", -1, 6).Batch(4));
            prepared.Convert();
        });
        Assert.Contains($"'{where}'", error.Message);
        Assert.Contains(where == "weights" ? "[3, 1]" : "[2]", error.Message);
    }

    [Theory]
    [InlineData("mean")]
    [InlineData("constant")]
    [InlineData("product")]
    public void A_scalar_among_the_tensors_is_quantized_like_any_other(string kind)
    {
        var network = new TestModel().Input("x", 4, 6).Weights("w", 0.5f, 6, 6).Node("MatMul", "x w", "h").Constant("two", Tensor.Scalar(2f))
            .Constant("none", Tensor.Of(Shape.Of(0), Array.Empty<long>())).Constant("all", Tensor.Vector(0L, 1L));
        if (kind == "mean") network.Node("ReduceMean", "h", "m", n => n.With("keepdims", 0)).Node("Mul", "h m", "y");
        if (kind == "constant") network.Node("Mul", "h two", "y");
        if (kind == "product") network.Constant("at", Tensor.Vector(0L)).Constant("to", Tensor.Vector(1L)).Constant("axes", Tensor.Vector(1L))
            .Node("Slice", "h at to axes", "c").Node("Slice", "c at to", "o").Node("Reshape", "o none", "s").Node("Add", "s two", "t")
            .Node("Mul", "h t", "y");
        using var model = network.Weights("v", 0.5f, 6, 3).Node("MatMul", "y v", "z").Output("z").Build();
        WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(4, 6), 2) }, 20);
    }

    [Theory]
    [InlineData("Concat")]
    [InlineData("Mul")]
    [InlineData("MatMul")]
    [InlineData("Conv")]
    [InlineData("Add")]
    public void An_empty_constant_gives_the_right_answer_or_one_sentence(string kind)
    {
        var network = new TestModel().Input("x", -1, 6, 4, 4).Weights("w", 0.5f, 6, 6, 1, 1).Node("Conv", "x w", "h");
        if (kind == "Concat") network.Constant("e", Tensor.Of(Shape.Of(1, 0, 4, 4), Array.Empty<float>()))
            .Node("Concat", "h e", "y", n => n.With("axis", 1));
        if (kind is "Mul" or "Add") network.Constant("e", Tensor.Of(Shape.Of(0, 1, 1, 1), Array.Empty<float>())).Node(kind, "h e", "y");
        if (kind == "MatMul") network.Constant("e", Tensor.Of(Shape.Of(4, 0), Array.Empty<float>())).Node("MatMul", "h e", "y");
        if (kind == "Conv") network.Constant("e", Tensor.Of(Shape.Of(0, 6, 1, 1), Array.Empty<float>())).Node("Conv", "h e", "y");
        using var model = network.Output("y").Build();
        try
        {
            WholeFlow.Check(model, new() { ["x"] = new TestModel(7).RandomTensor(Shape.Of(1, 6, 4, 4), 2) });
        }
        catch (CaliperException error)
        {
            Assert.DoesNotContain("defect", error.Message);
        }
    }

    [Theory]
    [InlineData("Softmax", 4)]
    [InlineData("Softmax", -5)]
    [InlineData("LogSoftmax", 1L << 40)]
    [InlineData("Hardmax", long.MinValue)]
    public void An_axis_that_is_not_there_is_refused_with_the_nodes_name(string function, long axis)
    {
        using var model = new TestModel().Input("x", -1, 6, 4, 4).Weights("w", 0.5f, 6, 6, 1, 1).Node("Conv", "x w", "h")
            .Node(function, "h", "p", n => n.With("axis", axis)).Node("Conv", "p w", "y").Output("y").Build();
        var error = Assert.Throws<CaliperException>(() => model.Fuse());
        Assert.Contains($"'p' ({function}) has axis {axis}", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void A_dropout_that_may_train_is_not_taken_for_one_that_does_nothing()
    {
        using var model = new TestModel().Input("x", -1, 8).Input(ElementType.Boolean, "training").Constant("ratio", Tensor.Scalar(0.5f))
            .Weights("w", 0.5f, 8, 4).Node("Dropout", "x ratio training", "d").Node("MatMul", "d w", "y").Output("y").Build();
        using var fused = model.Fuse();
        Assert.Contains(fused.Model.Graph.Nodes, n => n.OpType == "Dropout");
        Assert.NotNull(Execution.CaliperBackend.WhyNot(model.Model));
    }

    [Theory]
    [InlineData(3)]
    [InlineData(1000)]
    public void The_loss_of_a_network_that_ends_in_Softmax_is_that_of_its_scores(int classes)
    {
        var network = new TestModel().Input("x", -1, 8).Weights("w", 1, 8, classes).Node("MatMul", "x w", "h").Node("Softmax", "h", "p")
            .Node("Reshape", "p shape", "y").Constant("shape", Tensor.Vector(-1L, classes));
        using var scores = network.Output("h").Build();
        using var probabilities = new TestModel().Input("x", -1, 8).Weights("w", 1, 8, classes).Node("MatMul", "x w", "h").Node("Softmax", "h", "p")
            .Node("Reshape", "p shape", "y").Constant("shape", Tensor.Vector(-1L, classes)).Output("y").Build();
        var inputs = new TestModel(7).RandomTensor(Shape.Of(16, 8), 2);
        var batch = WholeFlow.BatchOf(new() { ["x"] = inputs }) with { Labels = [.. Enumerable.Range(0, 16).Select(i => i % classes)] };
        var expected = Evaluator.Evaluate(scores, new CrossEntropyLoss(), [batch]).Loss!.Value;
        Assert.Equal(expected, Evaluator.Evaluate(probabilities, new CrossEntropyLoss(), [batch]).Loss!.Value, 1e-4);
        var both = ModelComparison.Compare(probabilities, probabilities, new CrossEntropyLoss(), [batch]);
        Assert.Equal(expected, both.Candidate.Loss!.Value, 1e-4);
    }

    private static Tensor Half(ElementType type, Shape shape, int seed) =>
        Numerics.FloatCasts.Fit(new TestModel(seed).RandomTensor(shape, 0.4f), type);

    private static long[] Lengths(string text) => [.. text.Split(',', StringSplitOptions.RemoveEmptyEntries).Select(long.Parse)];
}
