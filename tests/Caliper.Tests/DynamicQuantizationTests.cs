using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Testing;

namespace Caliper.Tests;

/// <summary>Dynamic quantization needs no data, and is what ONNX Runtime computes of the same file.</summary>
public class DynamicQuantizationTests
{
    private const int Tokens = 300, Width = 64;

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Engine_and_ONNX_Runtime_compute_the_same(bool isGemm)
    {
        using var model = isGemm ? Perceptron() : Encoder();
        using var quantized = model.Fuse().QuantizeDynamic(QConfig.Default);
        Assert.Null(CaliperBackend.WhyNot(quantized.Model));
        using var elsewhere = new QuantizedModel(quantized.Model, [], new ExecutionOptions { Int8Backend = OnnxRuntimeBackend.Instance });
        using var engine = new QuantizedModel(quantized.Model, [], new ExecutionOptions { Int8Backend = CaliperBackend.Instance });
        foreach (var (samples, length) in new[] { (1, 1), (2, 5), (3, 17) })
        {
            var inputs = isGemm ? Floats(samples) : Ids(samples, length);
            var (floats, expected, actual) = (model.Run(inputs)["y"], elsewhere.Run(inputs)["y"], engine.Run(inputs)["y"]);
            Assert.Equal(floats.Shape, actual.Shape);
            // The last bits of a product of three floats depend on the order in which they are multiplied.
            Assert.True(Closeness.Decibels(expected, actual) > 100, $"{Closeness.Decibels(expected, actual)} dB");
            Assert.True(Closeness.Decibels(floats, actual) > Tolerances.Int8Decibels, $"{Closeness.Decibels(floats, actual)} dB");
        }
    }

    [Fact]
    public void Weights_are_int8_and_layers_that_read_the_same_share_its_range()
    {
        using var model = Encoder();
        using var quantized = model.Fuse().QuantizeDynamic(QConfig.Default);
        var graph = quantized.Model.Graph;
        Assert.Single(graph.Nodes, n => n.Is("DynamicQuantizeLinear"));
        Assert.Equal(2, graph.Nodes.Count(n => n.Is("MatMulInteger")));
        Assert.DoesNotContain(graph.Initializers.Values, t => t.Type is ElementType.Float32 && t.Count > Tokens);
        Assert.True(quantized.Model.IsQuantized());
    }

    [Fact]
    public void An_excluded_layer_stays_float()
    {
        using var model = Encoder();
        using var fused = model.Fuse();
        var name = fused.Layers.First(l => l.Operation.Output == "a").Name;
        using var quantized = fused.QuantizeDynamic(new QConfigMapping(QConfig.Default).SetName(name, null));
        Assert.Single(quantized.Model.Graph.Nodes, n => n.Is("MatMulInteger"));
    }

    [Fact]
    public void A_convolution_stays_float_and_says_so()
    {
        using var model = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("c", "x", 3, 8).Output("c.relu").Build();
        using var quantized = model.Fuse().QuantizeDynamic(QConfig.Default);
        Assert.Equal("dynamic-convolution", Assert.Single(quantized.Diagnostics).Code);
        Assert.False(quantized.Model.IsQuantized());
    }

    /// <summary>A table, and two linear layers that read its rows, one with a bias and a Relu.</summary>
    private static FloatModel Encoder() => new TestModel().Input(ElementType.Int64, "ids", -1, -2).Weights("table", 0.3f, Tokens, Width)
        .Node("Gather", "table ids", "rows").Weights("u", 0.3f, Width, 48).Node("MatMul", "rows u", "a").Weights("v", 0.3f, Width, 48)
        .Weights("bias", 0.2f, 48).Node("MatMul", "rows v", "b").Node("Add", "b bias", "c").Node("Relu", "c", "d").Node("Add", "a d", "y")
            .Output("y").Build();

    private static FloatModel Perceptron() => new TestModel().Input("x", -1, Width).Weights("u", 0.3f, 37, Width).Weights("bias", 0.2f, 37)
        .Node("Gemm", "x u bias", "h", n => n.With("transB", 1)).Node("Relu", "h", "r").Weights("v", 0.3f, 37, 10).Node("Gemm", "r v", "y")
            .Output("y").Build();

    private static Dictionary<string, Tensor> Ids(int samples, int length) => new()
    {
        ["ids"] = Tensor.Of(Shape.Of(samples, length), Enumerable.Range(0, samples * length).Select(i => i * 37L % Tokens).ToArray()),
    };

    private static Dictionary<string, Tensor> Floats(int samples) =>
        new() { ["x"] = new TestModel(samples).RandomTensor(Shape.Of(samples, Width), 2) };
}
