using Caliper.Conversion;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Onnx;
using Caliper.Testing;

namespace Caliper.Tests;

public class ConversionTests
{
    public static TheoryData<QuantizedFormat> Formats => [QuantizedFormat.Qdq, QuantizedFormat.QOperator];

    [Theory, MemberData(nameof(Formats))]
    public void An_int8_network_is_close_to_the_float_one(QuantizedFormat format)
    {
        var (model, quantized, inputs) = Convert(PreparationTests.Branches(), QConfig.Default, format);
        Assert.InRange(Closeness.Decibels(model.Run(inputs)["y"], quantized.Run(inputs)["y"]), Tolerances.Int8Decibels, 80);
        Assert.Empty(quantized.Diagnostics);
    }

    [Theory, MemberData(nameof(Formats))]
    public void Every_preset_converts_and_runs(QuantizedFormat format)
    {
        foreach (var (name, qconfig) in QConfig.Presets)
        {
            var (model, quantized, inputs) = Convert(PreparationTests.Branches(), qconfig, format);
            Assert.True(Closeness.Decibels(model.Run(inputs)["y"], quantized.Run(inputs)["y"]) > Tolerances.CoarseInt8Decibels, name);
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void The_same_model_gives_the_same_bytes(QuantizedFormat format)
    {
        byte[] Bytes() => OnnxFile.ToBytes(Convert(PreparationTests.Branches(), QConfig.Default, format).Quantized.Model);
        Assert.Equal(Bytes(), Bytes());
    }

    [Fact]
    public void Weights_are_int8_per_channel_with_their_axis_written_and_biases_int32()
    {
        var graph = Convert(PreparationTests.TwoConvolutions(), QConfig.Default).Quantized.Model.Graph;
        foreach (var conv in graph.Nodes.Where(n => n.Is("Conv")))
        {
            var (weight, bias) = (graph.ProducerOf(conv.Inputs[1])!, graph.ProducerOf(conv.Inputs[2])!);
            Assert.All([weight, bias], n => Assert.Equal(("DequantizeLinear", 0L), (n.OpType, n.Int("axis", -1))));
            Assert.Equal(ElementType.Int8, graph.Constant(weight.Inputs[0])!.Type);
            Assert.Equal(ElementType.Int32, graph.Constant(bias.Inputs[0])!.Type);
            var (sx, sw, sb) = (
                graph.Constant(graph.ProducerOf(conv.Inputs[0])!.Inputs[1])!,
                graph.Constant(weight.Inputs[1])!,
                graph.Constant(bias.Inputs[1])!);
            for (var c = 0; c < sw.Count; c++) Assert.Equal(sx.Span<float>()[0] * sw.Span<float>()[c], sb.Span<float>()[c]);
        }
    }

    [Fact]
    public void A_relu_is_absorbed_by_the_range_after_it()
    {
        var graph = Convert(PreparationTests.Branches(), QConfig.Default).Quantized.Model.Graph;
        Assert.DoesNotContain(graph.Nodes, n => n.OpType is "Relu" or "Clip");
    }

    [Theory, MemberData(nameof(Formats))]
    public void A_relu_that_a_symmetric_range_does_not_absorb_clips_the_integers(QuantizedFormat format)
    {
        var symmetric = QConfig.Default with
        {
            Activation = ObserverSpec.MinMax with { DType = ElementType.Int8, Scheme = QuantizationScheme.PerTensorSymmetric },
        };
        var (model, quantized, inputs) = Convert(PreparationTests.Branches(), symmetric, format);
        Assert.Equal(2, quantized.Model.Graph.Nodes.Count(n => n.Is("Clip")));
        Assert.InRange(Closeness.Decibels(model.Run(inputs)["y"], quantized.Run(inputs)["y"]), Tolerances.CoarseInt8Decibels, 80);
    }

    [Theory, MemberData(nameof(Formats))]
    public void A_relu6_under_a_reduced_range_still_cuts_off_at_six(QuantizedFormat format)
    {
        var network = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4, relu: false)
            .Constant("zero", Tensor.Scalar(0f)).Constant("six", Tensor.Scalar(0.5f)).Node("Clip", "a.bn zero six", "y").Output("y").Build();
        var (_, quantized, inputs) = Convert(network, QConfig.PyTorchDefault, format);
        var scale = 0.5f / 127;
        Assert.All(quantized.Run(inputs)["y"].Span<float>().ToArray(), v => Assert.InRange(v, 0, 127 * scale * 1.000001f));
    }

    [Theory, MemberData(nameof(Formats))]
    public void Nothing_is_dequantized_only_to_be_quantized_again(QuantizedFormat format)
    {
        foreach (var network in new[] { PreparationTests.Branches(), Everything() })
        {
            var graph = Convert(network, QConfig.Default, format).Quantized.Model.Graph;
            Assert.DoesNotContain(graph.Nodes, n => n.Is("QuantizeLinear") && graph.ProducerOf(n.Inputs[0])?.OpType == "DequantizeLinear");
        }
    }

    [Theory, MemberData(nameof(Formats))]
    public void Operators_that_move_values_move_integers(QuantizedFormat format)
    {
        var (model, quantized, inputs) = Convert(Everything(), QConfig.Default, format);
        var graph = quantized.Model.Graph;
        foreach (var type in new[] { "MaxPool", "Slice", "Pad", "Transpose", "Concat", "Split", "Resize", "Reshape" })
        {
            foreach (var node in graph.Nodes.Where(n => n.Is(type)))
                Assert.True(graph.ProducerOf(node.Inputs[0])?.OpType is not "DequantizeLinear", $"{type} reads floats");
            Assert.Contains(graph.Nodes, n => n.Is(type));
        }
        foreach (var output in model.Outputs)
            Assert.InRange(Closeness.Decibels(model.Run(inputs)[output.Name], quantized.Run(inputs)[output.Name]), Tolerances.CoarseInt8Decibels, 80);
    }

    [Fact]
    public void A_global_max_draws_nothing_into_int8()
    {
        var network = new TestModel().Input("x", -1, 4, 9, 7).Weights("w", 0.5f, 6, 4, 3, 3).Node("Conv", "x w", "c").Node("Tanh", "c", "t")
            .Node("GlobalMaxPool", "t", "most").Weights("v", 0.5f, 5, 6, 1, 1).Node("Conv", "most v", "y").Output("y").Build();
        var (model, quantized, inputs) = Convert(network, QConfig.Default, QuantizedFormat.Qdq);
        var graph = quantized.Model.Graph;
        Assert.Equal("Tanh", graph.ProducerOf(graph.Nodes.Single(n => n.Is("GlobalMaxPool")).Inputs[0])?.OpType);
        Assert.InRange(Closeness.Decibels(model.Run(inputs)["y"], quantized.Run(inputs)["y"]), Tolerances.Int8Decibels, 80);
    }

    [Theory, MemberData(nameof(Formats))]
    public void Linear_layers_over_three_axes_and_products_of_activations_become_int8(QuantizedFormat format)
    {
        var network = new TestModel().Input("x", -1, 6, 8).Weights("wq", 0.5f, 8, 8).Weights("wk", 0.5f, 8, 8).Weights("bq", 0.5f, 8)
            .Node("MatMul", "x wq", "q0").Node("Add", "q0 bq", "q").Node("MatMul", "x wk", "k")
            .Node("Transpose", "k", "kt", n => n.With("perm", 0, 2, 1)).Node("MatMul", "q kt", "s")
            .Node("Softmax", "s", "p", n => n.With("axis", -1L))
            .Node("MatMul", "p x", "y").Output("y").Build();
        var (model, quantized, inputs) = Convert(network, QConfig.Default, format);
        Assert.InRange(Closeness.Decibels(model.Run(inputs)["y"], quantized.Run(inputs)["y"]), Tolerances.CoarseInt8Decibels, 80);
    }

    [Fact]
    public void A_layer_whose_observer_never_ran_is_an_error_that_names_it()
    {
        using var prepared = PreparationTests.TwoConvolutions().Fuse().Prepare(QConfig.Default);
        var error = Assert.Throws<CaliperException>(() => prepared.Convert());
        Assert.Contains("'a'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unobserved_layer_stays_float_where_that_is_allowed()
    {
        using var prepared = PreparationTests.TwoConvolutions().Fuse().Prepare(QConfig.Default);
        prepared.Run(new TestModel().Input("x", -1, 3, 8, 8).Batch(2));
        prepared.Observers.Single(o => o.Site.Name == "b").Observer.Reset();
        using var quantized = prepared.Convert(new ConvertOptions { AllowUnobserved = true });
        Assert.Equal("unobserved", Assert.Single(quantized.Diagnostics).Code);
        Assert.Single(quantized.Model.Graph.Nodes, n => n.Is("Conv") && quantized.Model.Graph.Constant(n.Inputs[1]) is not null);
        Assert.NotEmpty(quantized.Run(new TestModel().Input("x", -1, 3, 8, 8).Batch(2)));
    }

    [Fact]
    public void The_bias_of_a_dead_channel_does_not_overflow()
    {
        var network = new TestModel().Input("x", -1, 2, 4, 4)
            .Constant("w", Tensor.Of(Shape.Of(2, 2, 1, 1), new[] { 0.5f, -0.25f, 0f, 1e-12f })).Constant("b", Tensor.Vector(0.1f, 100f))
            .Node("Conv", "x w b", "y", n => n.With("kernel_shape", 1, 1)).Output("y").Build();
        var (model, quantized, inputs) = Convert(network, QConfig.Default);
        Assert.Equal("bias-headroom", Assert.Single(quantized.Diagnostics).Code);
        Assert.InRange(Closeness.Decibels(model.Run(inputs)["y"], quantized.Run(inputs)["y"]), Tolerances.Int8Decibels, 120);
    }

    [Fact]
    public void The_last_linear_layer_gives_float_unless_the_qconfig_quantizes_outputs()
    {
        var ours = Convert(PreparationTests.Branches(), QConfig.Default).Quantized.Model.Graph;
        Assert.Equal("Gemm", ours.ProducerOf("y")!.OpType);
        var theirs = Convert(PreparationTests.Branches(), QConfig.Onednn).Quantized.Model.Graph;
        Assert.Equal("DequantizeLinear", theirs.ProducerOf("y")!.OpType);
    }

    /// <summary>Every kind of layer that int8 can have, in one network.</summary>
    internal static FloatModel Everything() => new TestModel().Input("x", -1, 4, 8, 8)
        .ConvBlock("a", "x", 4, 8)
        .Node("MaxPool", "a.relu", "pool", n => n.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1))
        .Constant("two", Tensor.Vector<long>(4, 4)).Node("Split", "pool two", "s1 s2", n => n.With("axis", 1))
        .Constant("pads", Tensor.Vector<long>(0, 2, 0, 0, 0, 2, 0, 0)).Node("Pad", "s1 pads", "padded")
        .Node("Concat", "padded s2", "cat", n => n.With("axis", 1))
        .Weights("w", 0.5f, 6, 12, 1, 1).Node("Conv", "cat w", "c", n => n.With("kernel_shape", 1, 1))
        .Node("Sigmoid", "c", "gate").Node("Mul", "c gate", "silu").Node("LeakyRelu", "silu", "leaky").Node("HardSwish", "leaky", "swish")
        .Constant("from", Tensor.Vector<long>(0)).Constant("to", Tensor.Vector<long>(8))
        .Constant("axes", Tensor.Vector<long>(2)).Constant("steps", Tensor.Vector<long>(2))
        .Node("Slice", "swish from to axes steps", "half").Node("Transpose", "half", "t", n => n.With("perm", 0, 1, 3, 2))
        .Constant("scales", Tensor.Vector(1f, 1f, 2f, 2f)).Node("Resize", "t _ scales", "up", n => n.With("mode", "nearest"))
        .Weights("offset", 0.5f, 6, 1, 1).Node("Add", "up offset", "sum").Node("Relu", "sum", "r1")
        .Node("AveragePool", "sum", "avg", n => n.With("kernel_shape", 2, 2))
        .Node("GlobalAveragePool", "avg", "gap").Constant("shape", Tensor.Vector<long>(0, -1)).Node("Reshape", "gap shape", "flat")
        .Weights("fw", 0.5f, 5, 6).Weights("fb", 0.5f, 5).Node("Gemm", "flat fw fb", "y", n => n.With("transB", 1)).Output("y").Output("r1").Build();

    private static (FloatModel Model, QuantizedModel Quantized, Dictionary<string, Tensor> Inputs) Convert(
        FloatModel model, QConfig qconfig, QuantizedFormat format = QuantizedFormat.Qdq)
    {
        using var prepared = model.Fuse().Prepare(qconfig);
        var shape = model.Inputs[0].Shape!.Value;
        var inputs = new Dictionary<string, Tensor> { [""] = new TestModel(3).RandomTensor(shape.With(0, 8), 2) };
        prepared.Run(inputs);
        return (model, prepared.Convert(new ConvertOptions { Format = format }), inputs);
    }
}
