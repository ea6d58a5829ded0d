using Caliper.Conversion;
using Caliper.Graphs;
using Caliper.Preparation;
using Caliper.Testing;

namespace Caliper.Tests;

public class PlanCostTests
{
    [Fact]
    public void A_small_network_costs_what_a_student_counts()
    {
        var cost = CostOf(Small());
        var conv = cost.Layers.Single(l => l.Plan.Layer.Name == "a");
        // 4 channels of 8×8 outputs, each a sum over 3 channels of 3×3 taps.
        Assert.Equal(4 * 8 * 8 * 3 * 3 * 3, conv.MultiplyAdds);
        Assert.Equal(4 * (4 * 3 * 9 + 4), conv.FloatBytes);
        // The weights, a scale and zero point for each of 4 channels, and 4 biases in int32.
        Assert.Equal(4 * 3 * 9 + 4 * 5 + 4 * 4, conv.Int8Bytes);

        var linear = cost.Layers.Single(l => l.Plan.Layer.OpType == "Gemm");
        Assert.Equal(4 * 5, linear.MultiplyAdds);
        Assert.Equal(4 * (4 * 5 + 5), linear.FloatBytes);
        Assert.Equal(4 * 5 + 5 * 5 + 5 * 4, linear.Int8Bytes);

        Assert.All(cost.Layers.Except([conv, linear]), l => Assert.Equal((0L, 0L, 0L), (l.MultiplyAdds!.Value, l.FloatBytes, l.Int8Bytes)));
        Assert.Equal((6912 + 20, 6912 + 20), (cost.MultiplyAdds!.Value, cost.Int8MultiplyAdds!.Value));
        Assert.Equal((448 + 100, 144 + 65), (cost.FloatBytes, cost.Int8Bytes));
    }

    [Fact]
    public void What_stays_float_keeps_its_size_and_its_multiply_adds()
    {
        var cost = CostOf(Small(), new QConfigMapping(QConfig.Default).SetOperatorType("Gemm", null));
        Assert.Equal((6932, 6912), (cost.MultiplyAdds!.Value, cost.Int8MultiplyAdds!.Value));
        Assert.Equal(144 + 100, cost.Int8Bytes);
        Assert.Equal((1, 1), (cost.CrossingsToInt8, cost.CrossingsToFloat));
    }

    [Fact]
    public void A_scale_for_the_whole_tensor_takes_five_bytes() =>
        Assert.Equal((4 * 3 * 9 + 5 + 4 * 4) + (4 * 5 + 5 + 5 * 4), CostOf(Small(), QConfig.Qnnpack).Int8Bytes);

    [Fact]
    public void Groups_and_transposed_convolutions_multiply_less()
    {
        var cost = CostOf(new TestModel().Input("x", -1, 4, 8, 8).Weights("d", 0.5f, 4, 1, 3, 3).Weights("t", 0.5f, 4, 2, 3, 3)
            .Node("Conv", "x d", "depthwise", n => n.With("group", 4).With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1))
            .Node("ConvTranspose", "depthwise t", "up", n => n.With("kernel_shape", 3, 3).With("strides", 2, 2)).Output("up").Build());
        // Of a transposed convolution each of the 4·8·8 inputs meets 2 channels of 3×3 taps.
        Assert.Equal([4 * 8 * 8 * 9, 4 * 8 * 8 * 2 * 9], cost.Layers.Select(l => l.MultiplyAdds!.Value));
    }

    [Fact]
    public void Products_of_activations_multiply_and_have_no_weights()
    {
        var cost = CostOf(new TestModel().Input("x", -1, 6, 8).Weights("w", 0.5f, 8, 4).Node("MatMul", "x w", "k")
            .Node("Transpose", "k", "kt", n => n.With("perm", 0, 2, 1)).Node("MatMul", "k kt", "y").Output("y").Build());
        Assert.Equal([6 * 4 * 8, 0, 6 * 6 * 4], cost.Layers.Select(l => l.MultiplyAdds!.Value));
        Assert.Equal(0, cost.Layers[^1].FloatBytes);
    }

    [Fact]
    public void A_batch_that_a_reshape_hides_is_one_sample()
    {
        var cost = CostOf(new TestModel().Input("x", -1, 4, 2, 2).Constant("shape", Tensor.Vector<long>(-1, 16))
            .Node("Reshape", "x shape", "flat").Weights("w", 0.5f, 16, 5).Node("MatMul", "flat w", "y").Output("y").Build());
        Assert.Equal(16 * 5, cost.MultiplyAdds);
    }

    [Fact]
    public void Multiply_adds_are_unknown_where_shapes_are()
    {
        var cost = CostOf(new TestModel().Input("x", -1, 3, -1, -1).ConvBlock("a", "x", 3, 4).Output("a.relu").Build());
        Assert.Null(cost.Layers[0].MultiplyAdds);
        Assert.Null(cost.MultiplyAdds);
        Assert.Null(cost.Int8MultiplyAdds);
        Assert.Equal(144, cost.Int8Bytes);
    }

    [Fact]
    public void Weights_that_two_layers_share_count_once()
    {
        var cost = CostOf(SharedWeights());
        Assert.Equal([4 * 36, 4 * 36], cost.Layers.Take(2).Select(l => l.FloatBytes));
        Assert.Equal((4 * 36, 36 + 2 * 5), (cost.FloatBytes, cost.Int8Bytes));
    }

    public static TheoryData<string> Networks => ["small", "branches", "convolutions", "island", "shared weights", "shared island", "everything",
        "resnet20.onnx", "squeezenet1_0.onnx", "ultraface-rfb-320.onnx"];

    [Theory, MemberData(nameof(Networks))]
    public void Crossings_are_those_of_the_converted_network(string network)
    {
        foreach (var qconfig in new[] { QConfig.Default, QConfig.Onednn })
        {
            var (prepared, quantized) = Convert(network, qconfig, QuantizedFormat.Qdq);
            var (source, graph) = (prepared.Fused.Model.Graph, quantized.Model.Graph);
            var floatNodes = prepared.Plan.Layers.Where(l => !l.IsInteger).SelectMany(l => l.Layer.Nodes).Select(n => n.Name).ToHashSet();
            // What an int8 layer of the QDQ form quantizes itself is named otherwise than any value of the float network.
            var toInt8 = graph.Nodes.Count(n => n.Is("QuantizeLinear") && source.Find(n.Inputs[0]) is not null);
            var toFloat = graph.Nodes.Count(n => n.Is("DequantizeLinear") && graph.Constant(n.Inputs[0]) is null
                && (graph.IsOutput(n.Output) || graph.ConsumersOf(n.Output).Any(c => floatNodes.Contains(c.Name))));
            Assert.Equal((toInt8, toFloat), CrossingsOf(prepared));
        }
    }

    [Theory]
    [InlineData("small", 1, 0)]
    [InlineData("convolutions", 1, 1)]
    [InlineData("branches", 1, 0)]
    [InlineData("island", 2, 2)]
    [InlineData("shared island", 1, 1)]
    [InlineData("shared weights", 1, 1)]
    public void Integer_operators_are_converted_around_nowhere_else(string network, int toInt8, int toFloat)
    {
        var (prepared, quantized) = Convert(network, QConfig.Default, QuantizedFormat.QOperator);
        var nodes = quantized.Model.Graph.Nodes;
        Assert.Equal((toInt8, toFloat), CrossingsOf(prepared));
        Assert.Equal((toInt8, toFloat), (nodes.Count(n => n.Is("QuantizeLinear")), nodes.Count(n => n.Is("DequantizeLinear"))));
    }

    [Theory]
    [InlineData("small")]
    [InlineData("convolutions")]
    [InlineData("branches")]
    [InlineData("island")]
    [InlineData("shared weights")]
    public void Integer_operators_store_the_bytes_that_were_expected_and_a_scale_for_each_observer(string network)
    {
        var (prepared, quantized) = Convert(network, QConfig.Default, QuantizedFormat.QOperator);
        Assert.Equal(PlanCost.Of(prepared).Int8Bytes + 5 * prepared.Observers.Length, ConstantBytes(quantized.Model.Graph));
        Assert.Equal(PlanCost.Of(prepared).FloatBytes, ConstantBytes(prepared.Fused.Model.Graph));
    }

    [Theory]
    [InlineData("wide")]
    [InlineData("resnet20.onnx")]
    [InlineData("squeezenet1_0.onnx")]
    public void The_QDQ_form_stores_a_few_percent_more(string network)
    {
        var (prepared, quantized) = Convert(network, QConfig.Default, QuantizedFormat.Qdq);
        Assert.InRange(ConstantBytes(quantized.Model.Graph) / (double)PlanCost.Of(prepared).Int8Bytes, 1, 1.03);
    }

    [Fact]
    public void The_engine_multiplies_as_often_as_was_counted()
    {
        var (prepared, quantized) = Convert("small", QConfig.Default, QuantizedFormat.Qdq);
        using var session = Int8Session.FromModel(quantized.Model);
        Assert.Equal(PlanCost.Of(prepared).MultiplyAdds, session.Describe().MultiplyAdds);
    }

    [Fact]
    public void Float_layers_are_told_apart_by_whether_they_were_asked_for()
    {
        var mapping = new QConfigMapping(QConfig.Default).SetNameGlob("b", null);
        using var prepared = Network("island").Fuse().Prepare(mapping);
        Assert.Equal(["e"], prepared.Plan.FloatDespite(mapping).Select(l => l.Layer.Name));
        Assert.Equal(2, prepared.Plan.Layers.Count(l => !l.IsInteger));
        Assert.Empty(prepared.Plan.FloatDespite(mapping.SetName("e", null)));
    }

    private static FloatModel Network(string name) => name switch
    {
        "small" => Small(),
        "branches" => PreparationTests.Branches(),
        "convolutions" => PreparationTests.TwoConvolutions(),
        "island" => new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).Node("Exp", "a.relu", "e")
            .ConvBlock("b", "e", 4, 4).Output("b.relu").Build(),
        "shared weights" => SharedWeights(),
        // Two float layers and an output read the same int8 value.
        "shared island" => new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4).Node("Exp", "a.relu", "e")
            .Node("Sqrt", "a.relu", "s").Output("e").Output("s").Output("a.relu").Build(),
        "everything" => ConversionTests.Everything(),
        "wide" => new TestModel().Input("x", -1, 16, 8, 8).ConvBlock("a", "x", 16, 64).ConvBlock("b", "a.relu", 64, 64).Output("b.relu").Build(),
        _ => FloatModel.Load(SharedFolder.Path("models", name)),
    };

    private static FloatModel Small() => new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("a", "x", 3, 4)
        .Node("GlobalAveragePool", "a.relu", "pooled").Node("Flatten", "pooled", "flat")
        .Weights("w", 0.5f, 4, 5).Weights("c", 0.5f, 5).Node("Gemm", "flat w c", "y").Output("y").Build();

    private static FloatModel SharedWeights() => new TestModel().Input("x", -1, 2, 8, 8).Weights("w", 0.5f, 2, 2, 3, 3)
        .Node("Conv", "x w", "once", n => n.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1))
        .Node("Conv", "once w", "twice", n => n.With("kernel_shape", 3, 3).With("pads", 1, 1, 1, 1)).Output("twice").Build();

    private static PlanCost CostOf(FloatModel model, QConfigMapping? mapping = null)
    {
        using var prepared = model.Fuse().Prepare(mapping ?? QConfig.Default);
        return PlanCost.Of(prepared);
    }

    private static (PreparedModel Prepared, QuantizedModel Quantized) Convert(string network, QConfig qconfig, QuantizedFormat format)
    {
        var model = Network(network);
        var prepared = model.Fuse().Prepare(qconfig);
        var shape = model.Inputs[0].Shape!.Value;
        prepared.Run(new Dictionary<string, Tensor> { [""] = new TestModel(3).RandomTensor(shape.IsStatic ? shape : shape.With(0, 2), 2) });
        return (prepared, prepared.Convert(new ConvertOptions { Format = format }));
    }

    private static long ConstantBytes(Graph graph) => graph.Initializers.Values.Sum(t => (long)t.Bytes.Length);

    private static (int ToInt8, int ToFloat) CrossingsOf(PreparedModel prepared) =>
        PlanCost.Of(prepared) is var cost ? (cost.CrossingsToInt8, cost.CrossingsToFloat) : default;
}
