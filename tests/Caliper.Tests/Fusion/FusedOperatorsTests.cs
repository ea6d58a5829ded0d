using Caliper.Graphs;

namespace Caliper.Tests.Fusion;

/// <summary>A file that ONNX Runtime's optimizer saved is read as the network that it was made of.</summary>
public class FusedOperatorsTests
{
    private const double Decibels = 100;
    private const int Samples = 3, Tokens = 5, Width = 8;

    [Theory]
    [InlineData("", false)]
    [InlineData("", true)]
    [InlineData("Relu", false)]
    [InlineData("Relu", true)]
    [InlineData("Sigmoid", false)]
    [InlineData("Tanh", false)]
    [InlineData("LeakyRelu", false, 0.2f)]
    [InlineData("Clip", true, -0.5f, 1f)]
    [InlineData("HardSigmoid", false, 0.2f, 0.4f)]
    public void Convolutions_with_their_activation(string activation, bool isAdded, params float[] parameters)
    {
        var inputs = "x w b" + (isAdded ? " skip" : "");
        Same(new TestModel().Input("x", -1, 3, 6, 6).Weights("w", 0.5f, 4, 3, 3, 3).Weights("b", 1, 4).Weights("u", 0.5f, 4, 3, 3, 3)
            .Node("Conv", "x u", "skip").NodeIf(!isAdded, "Relu", "skip", "other")
            .Runtime("FusedConv", inputs, "y", n => n.With("kernel_shape", 3, 3).Activated(activation, parameters)),
            isAdded ? ["y"] : ["other", "y"]);
    }

    [Theory]
    [InlineData("Relu")]
    [InlineData("LeakyRelu", 0.1f)]
    public void Linear_layers_with_their_activation(string activation, params float[] parameters) =>
        Same(new TestModel().Input("x", -1, Width).Weights("w", 0.5f, 4, Width).Weights("b", 1, 4)
            .Runtime("FusedGemm", "x w b", "y", n => parameters.Aggregate(n.With("transB", 1).With("activation", activation),
                (node, alpha) => node.With("activation_alpha", alpha))), "y");

    [Theory]
    [InlineData(0, 0, 1)]
    [InlineData(0, 1, 0.25f)]
    [InlineData(1, 0, 1)]
    public void Products_with_a_factor_and_transposed(long transA, long transB, float alpha) =>
        Same(new TestModel().Input("a", -1, Width, Width).Input("b", -1, Width, Width)
            .Runtime("FusedMatMul", "a b", "y", n => n.With("transA", transA).With("transB", transB).With("alpha", alpha)), "y");

    [Fact]
    public void Gates_with_their_bias() => Same(Rows().Weights("b", 1, Width).Weights("c", 1, Width).Runtime("BiasGelu", "x b", "p")
        .Runtime("FastGelu", "p c", "q").Runtime("QuickGelu", "q", "y", n => n.With("alpha", 1f)), "y");

    [Theory]
    [InlineData("SkipLayerNormalization", "x s gain offset", "y")]
    [InlineData("SkipLayerNormalization", "x s gain offset bias", "y _ _ sum")]
    [InlineData("SkipLayerNormalization", "x s gain", "y")]
    [InlineData("SkipSimplifiedLayerNormalization", "x s gain", "y")]
    [InlineData("SkipSimplifiedLayerNormalization", "x s gain bias", "y _ _ sum")]
    public void Norms_with_the_sum_before_them(string opType, string inputs, string outputs) =>
        Same(Rows().Input("s", -1, Tokens, Width).Weights("gain", 1, Width).Weights("offset", 1, Width).Weights("bias", 1, Width)
            .Runtime(opType, inputs, outputs, n => n with { Outputs = [.. n.Outputs.Select(o => o is "_" ? "" : o)] }),
            [.. outputs.Split(' ').Where(o => o is not "_")]);

    [Theory]
    [InlineData("SimplifiedLayerNormalization", 17)]
    [InlineData("RMSNormalization", 23)]
    public void Norms_of_mean_squares_are_one_layer(string opType, long opset)
    {
        using var model = Rows().Weights("gain", 1, Width).Node(opType, "x gain", "y", n => n.With("axis", -1)).Output("y").Build(opset);
        using var fused = Same(model);
        Assert.Equal("RMSNorm", Assert.Single(fused.Layers).Kind);
    }

    [Theory]
    [InlineData("", 2)]
    [InlineData("mask", 2)]
    [InlineData("mask", 3)]
    public void Attention_with_its_projections(string mask, int rank)
    {
        var model = Rows().Weights("w", 0.5f, Width, 3 * Width).Weights("b", 1, 3 * Width)
            .Runtime("Attention", $"x w b {mask}", "y", n => n.With("num_heads", 2));
        if (mask.Length > 0) model.Input(ElementType.Int32, "mask", rank == 2 ? [-1, Tokens] : [-1, Tokens, Tokens]);
        using var built = model.Output("y").Build();
        using var fused = Same(built);
        Assert.Equal(3, fused.Layers.Count(l => l.Kind is "Linear"));
        Assert.Equal(["AttentionScores", "AttentionContext"], fused.Layers.Where(l => l.Kind.StartsWith("Attention", StringComparison.Ordinal))
            .Select(l => l.Kind));
    }

    [Fact]
    public void Attention_whose_values_have_another_width() => Same(Rows().Weights("w", 0.5f, Width, 20).Weights("b", 1, 20)
        .Runtime("Attention", "x w b", "y", n => n.With("num_heads", 2).With("qkv_hidden_sizes", 8, 8, 4)), "y");

    [Fact]
    public void Attention_of_what_was_projected_before() => Same(Rows().Input("k", -1, Tokens, Width).Input("v", -1, Tokens, Width)
        .Weights("b", 1, 3 * Width).Runtime("MultiHeadAttention", "x k v b", "y", n => n.With("num_heads", 4)), "y");

    [Theory]
    [InlineData(3, "", false)]
    [InlineData(3, "", true)]
    [InlineData(4, "", false)]
    [InlineData(4, "added", false)]
    [InlineData(4, "conditions", false)]
    [InlineData(4, "", true)]
    public void Attention_of_the_standard(int rank, string mask, bool isCausal)
    {
        long[] shape = rank == 3 ? [-1, Tokens, Width] : [-1, 2, Tokens, Width];
        var model = new TestModel().Input("q", shape).Input("k", shape).Input("v", shape);
        if (mask is "added") model.Weights("mask", 2, Tokens, Tokens);
        if (mask is "conditions")
            model.Constant("mask", Tensor.Of(Shape.Of(1, 1, Tokens, Tokens), [.. Enumerable.Range(0, Tokens * Tokens).Select(i => i % 4 != 1)]));
        using var built = model.Node("Attention", $"q k v {(mask.Length > 0 ? "mask" : "")}", "y", n => (rank == 3 ? n.With("q_num_heads", 2)
            .With("kv_num_heads", 2) : n).With("is_causal", isCausal ? 1 : 0)).Output("y").Build(23);
        using var fused = Same(built);
        Assert.DoesNotContain(fused.Model.Graph.Nodes, n => n.OpType == "Attention");
    }

    [Theory]
    [InlineData(1)]
    [InlineData(1.5f)]
    public void Swish_of_the_standard(float alpha)
    {
        using var model = Rows().Node("Swish", "x", "y", n => n.With("alpha", alpha)).Output("y").Build(24);
        using var fused = model.Fuse();
        Assert.Equal("Mul", fused.Model.Graph.Nodes[^1].OpType);
    }

    [Fact]
    public void Embeddings_and_the_mask_that_they_count()
    {
        using var model = new TestModel().Input(ElementType.Int32, "ids", -1, -2).Input(ElementType.Int32, "types", -1, -2)
            .Input(ElementType.Int32, "mask", -1, -2).Weights("words", 1, 11, Width).Weights("places", 1, 9, Width).Weights("kinds", 1, 2, Width)
            .Weights("gain", 1, Width).Weights("offset", 1, Width).Weights("w", 0.5f, Width, 3 * Width).Weights("b", 1, 3 * Width)
            .Runtime("EmbedLayerNormalization", "ids types words places kinds gain offset mask", "e lengths")
            .Runtime("Attention", "e w b lengths", "y", n => n.With("num_heads", 2)).Output("y").Build();
        using var fused = model.Fuse();
        Assert.DoesNotContain(fused.Model.Graph.Nodes, n => n.Domain.Length > 0);
        var inputs = new Dictionary<string, Tensor>
        {
            ["ids"] = Ints([3, 1, 4, 1, 5, 9, 2, 6]),
            ["types"] = Ints([0, 0, 1, 1, 0, 1, 1, 1]),
            ["mask"] = Ints([1, 1, 1, 1, 1, 1, 0, 0]),
        };
        // What is computed of padding is nobody's.
        Tensor Seen(IModel network) => Tensor.Vector(network.Run(inputs)["y"].Span<float>()[..(6 * Width)].ToArray());
        Assert.InRange(Closeness.Decibels(Seen(model), Seen(fused)), Decibels, double.PositiveInfinity);
    }

    [Theory]
    [InlineData("unidirectional")]
    [InlineData("do_rotary")]
    public void What_no_plain_operators_say_stays_as_it_is(string attribute)
    {
        using var model = Rows().Weights("w", 0.5f, Width, 3 * Width).Weights("b", 1, 3 * Width).Weights("last", 0.5f, Width, Width)
            .Runtime("Attention", "x w b", "a", n => n.With("num_heads", 2).With(attribute, 1)).Node("MatMul", "a last", "y").Output("y").Build();
        using var fused = model.Fuse();
        Assert.Contains(fused.Model.Graph.Nodes, n => n.OpType == "Attention");
    }

    private static Tensor Ints(int[] values) => Tensor.Of(Shape.Of(2, values.Length / 2), values);

    private static TestModel Rows() => new TestModel().Input("x", -1, Tokens, Width);

    private static void Same(TestModel network, params string[] outputs)
    {
        using var model = outputs.Aggregate(network, (m, o) => m.Output(o)).Build();
        using var fused = Same(model);
    }

    /// <summary>Fuses, and checks that ONNX's operators give what the runtime's own gave.</summary>
    private static FusedModel Same(FloatModel model)
    {
        var fused = model.Fuse();
        Assert.DoesNotContain(fused.Model.Graph.Nodes, n => n.Domain.Length > 0 && n.OpType is not ("Gelu" or "FastGelu"));
        var random = new TestModel(9);
        var inputs = model.Inputs.ToDictionary(i => i.Name, i => i.Shape!.Value.With(0, Samples) is var shape && i.Type is ElementType.Int32
            ? Tensor.Of(shape, [.. Enumerable.Range(0, (int)shape.ElementCount).Select(n => n % 5 < 3 ? 1 : 0)]) : random.RandomTensor(shape, 2));
        var (expected, actual) = (model.Run(inputs), fused.Run(inputs));
        Assert.All(expected, output => Assert.InRange(Closeness.Decibels(output.Value, actual[output.Key]), Decibels, double.PositiveInfinity));
        return fused;
    }
}

/// <summary>ONNX Runtime's own operators in test networks.</summary>
file static class RuntimeNodes
{
    public static TestModel Runtime(this TestModel model, string opType, string inputs, string outputs, Func<Node, Node>? with = null) =>
        model.Node(opType, inputs, outputs, n => (with is null ? n : with(n)) with { Domain = "com.microsoft" });

    public static Node Activated(this Node node, string activation, float[] parameters) => activation.Length == 0 ? node
        : parameters.Length == 0 ? node.With("activation", activation)
        : node.With("activation", activation).With("activation_params", new AttributeValue.Floats([.. parameters]));
}
