using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Testing;

namespace Caliper.Conformance.Engine;

/// <summary>Layers whose result nobody quantizes are summed in integers all the same; their sums become floats at once.</summary>
public class ConvolutionToFloatTests
{
    [Theory]
    [InlineData(19, 33, 3, 1, 1, false)]
    [InlineData(19, 33, 1, 1, 1, true)]
    [InlineData(16, 24, 3, 2, 4, true)]
    [InlineData(70, 70, 3, 1, 70, false)]
    [InlineData(70, 70, 5, 2, 70, true)]
    public void A_convolution_is_summed_in_integers(int channels, int outputs, int kernel, int stride, int groups, bool floatBias)
    {
        foreach (var axes in new[] { 1, 2 })
        {
            var b = new QdqBuilder(5) { FloatBias = floatBias };
            long[] shape = axes == 1 ? [2, channels, 23] : [2, channels, 11, 13];
            var y = b.Conv(b.Input(shape), channels, outputs, kernel, stride, kernel / 2, 1, groups, axes: axes);
            Check(b.BuildUnquantized(y), groups == channels ? "depthwise" : "conv");
        }
    }

    [Fact]
    public void Float_operators_read_its_floats_as_they_lie()
    {
        var b = new QdqBuilder(6);
        var y = b.Conv(b.Input(2, 13, 9, 10), 13, 21, 3, 1, 1);
        var real = b.BuildUnquantized(y);
        var nodes = real.Graph.Nodes.Add(new Node("act", "Sigmoid", [real.Graph.Outputs[0].Name], ["gate"]))
            .Add(new Node("mul", "Mul", [real.Graph.Outputs[0].Name, "gate"], ["y"]));
        Check(real with { Graph = real.Graph.With(nodes: nodes, outputs: [new Value("y", ElementType.Float32, null)]) }, "conv");
    }

    [Fact]
    public void A_bias_beyond_32_bits_of_steps_leaves_the_layer_float()
    {
        var b = new QdqBuilder(7) { FloatBias = true };
        var model = b.BuildUnquantized(b.Conv(b.Input(1, 5, 6, 7), 5, 9, 1));
        var conv = model.Graph.Nodes.Single(n => n.OpType == "Conv");
        var initializers = model.Graph.Initializers.SetItem(conv.Inputs[2], Tensor.Vector([.. Enumerable.Repeat(3e6f, 9)]));
        Check(model with { Graph = model.Graph.With(initializers: initializers) }, "conv (float)");
    }

    private static void Check(Model model, string kind)
    {
        var feeds = Comparison.Feeds(model, 5);
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds, optimize: false).Single().Value.Span<float>().ToArray();
        var portable = Comparison.Run(model, feeds, new Int8SessionOptions { Kernels = KernelSet.Portable }).Single().Value;
        foreach (var set in Enum.GetValues<KernelSet>())
        {
            using var session = Int8Session.FromModel(model, new Int8SessionOptions { Kernels = set, Guard = MemoryGuard.After });
            Assert.Contains(session.Describe().Steps, s => s.Kind.StartsWith(kind, StringComparison.OrdinalIgnoreCase));
            if (!kind.Contains("float", StringComparison.Ordinal))
                Assert.DoesNotContain(session.Describe().Steps, s => s.Kind.StartsWith("conv (float", StringComparison.OrdinalIgnoreCase));
            Comparison.AssertSame(portable, session.Run(feeds).Single().Value);
        }
        var most = expected.Max(MathF.Abs);
        foreach (var (e, a) in expected.Zip(portable.Span<float>().ToArray())) Assert.Equal(e, a, Tolerances.FloatLayer * most);
    }
}
