using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Conformance.Engine;

/// <summary>Activations of 16 bits: exact words, and layers that are summed in integers.</summary>
public class WordTests
{
    /// <summary>Whether int16, the version of the operators, and whose QuantizeLinear.</summary>
    public static TheoryData<bool, long, string> Kinds => new()
    {
        { false, 21, "" }, { true, 21, "" }, { false, 13, "com.microsoft" }, { true, 17, "com.microsoft" },
    };

    [Theory, MemberData(nameof(Kinds))]
    public void Words_are_ONNX_Runtimes_to_the_bit_and_so_are_their_floats(bool signed, long opset, string domain)
    {
        var b = new QdqBuilder(3) { Signed = signed, Opset = opset, Domain = domain, Words = true };
        var model = b.Build(asFloats: true, b.Input(2, 5, 33, 7));
        var feeds = Comparison.Feeds(model, 4);
        var (name, fed) = feeds.Single();
        var values = fed.Span<float>().ToArray();
        var step = 4f / 255 / 257;
        for (var i = 0; i < values.Length; i += 3) values[i] = (i % 500 - 250 + 0.5f) * step;
        (values[1], values[4], values[7]) = (float.PositiveInfinity, float.NegativeInfinity, 1e30f);
        feeds[name] = Tensor.Of(fed.Shape, values);
        CheckEverywhere(model, feeds, Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds, optimize: false));
    }

    [Theory, MemberData(nameof(Kinds))]
    public void A_convolution_of_words_gives_ONNX_Runtimes_numbers(bool signed, long opset, string domain) => (
        from channels in Gen.Int[1, 40]
        from outputs in Gen.Int[1, 70]
        from kernel in Gen.OneOf(Gen.Const(1), Gen.Const(3), Gen.Int[1, 5])
        from stride in Gen.Int[1, 2]
        from dilation in Gen.Frequency((2, Gen.Const(1)), (1, Gen.Const(2)))
        from relu in Gen.Bool
        from floatBias in Gen.Bool
        from result in Gen.Int[0, 2]
        from seed in Gen.Int[0, 1000]
        select (channels, outputs, kernel, stride, dilation, relu, floatBias, result, seed)).Sample(c =>
        {
            var b = new QdqBuilder(c.seed) { Signed = signed, Opset = opset, Domain = domain, FloatBias = c.floatBias, Words = true };
            var x = b.Input(1, c.channels, 13, 14);
            b.Words = c.result > 0;
            var y = b.Conv(x, c.channels, c.outputs, c.kernel, c.stride, c.kernel / 2, c.dilation, relu: c.relu);
            Check(c.result == 2 ? b.BuildUnquantized(y) : b.Build(asFloats: true, y), "conv", c.result);
        }, iter: 12);

    [Theory]
    [InlineData(32, 32, 32, 3, 1)]
    [InlineData(70, 70, 70, 3, 2)]
    [InlineData(24, 48, 4, 3, 1)]
    [InlineData(30, 60, 3, 1, 1)]
    public void So_does_one_that_is_depthwise_or_in_groups(int channels, int outputs, int groups, int kernel, int stride)
    {
        for (var result = 0; result < 3; result++)
        {
            var b = new QdqBuilder(3) { Opset = 21, Words = true };
            var x = b.Input(2, channels, 15, 17);
            b.Words = result > 0;
            var y = b.Conv(x, channels, outputs, kernel, stride, kernel / 2, 1, groups, relu: true);
            Check(result == 2 ? b.BuildUnquantized(y) : b.Build(asFloats: true, y), groups == channels ? "depthwise" : "conv", result);
        }
    }

    [Fact]
    public void So_does_one_along_one_axis()
    {
        var b = new QdqBuilder(4) { Opset = 21, Words = true };
        var y = b.Conv(b.Conv(b.Input(2, 12, 31), 12, 20, 5, 2, 2, axes: 1), 20, 9, 3, 1, 1, axes: 1);
        Check(b.Build(asFloats: true, y), "conv", 1);
    }

    /// <summary>Sound and grey images have one channel, others three: their pixels touch, and nothing is multiplied that is not there.</summary>
    [Theory]
    [InlineData(1, 3, 1)]
    [InlineData(1, 7, 2)]
    [InlineData(3, 7, 2)]
    public void So_does_one_of_an_image_without_room_between_its_pixels(int channels, int kernel, int stride)
    {
        Check(Network(words: true), "conv", 1);
        using var bytes = Int8Session.FromModel(Network(words: false));
        using var words = Int8Session.FromModel(Network(words: true));
        // By AVX2 alone multipliers and offsets of the 64 channels count, too.
        Assert.InRange(words.Describe().WeightBytes, 1, Math.Max(1.2 * bytes.Describe().WeightBytes,
            bytes.Describe().WeightBytes + 64 * 2 * sizeof(float)));

        Model Network(bool words)
        {
            var b = new QdqBuilder(7) { Opset = 21, Words = words };
            return b.Build(asFloats: true, b.Conv(b.Input(2, channels, 19, 21), channels, 64, kernel, stride, kernel / 2));
        }
    }

    [Fact]
    public void A_fully_connected_layer_of_words_gives_ONNX_Runtimes_numbers() => (
        from inputs in Gen.OneOf(Gen.Int[1, 300], Gen.Const(1500))
        from outputs in Gen.Int[1, 130]
        from rows in Gen.Int[1, 9]
        from kind in Gen.Int[0, 2]
        from result in Gen.Int[0, 2]
        from seed in Gen.Int[0, 1000]
        select (inputs, outputs, rows, kind, result, seed)).Sample(c =>
        {
            var b = new QdqBuilder(c.seed) { Opset = 21, Words = true };
            var x = c.kind == 0 ? b.Input(2, c.rows, c.inputs) : b.Input(c.rows, c.inputs);
            b.Words = c.result > 0;
            var y = c.kind == 0 ? b.MatMul(x, c.inputs, c.outputs) : b.Gemm(x, c.inputs, c.outputs, transposed: c.kind == 1);
            Check(c.result == 2 ? b.BuildUnquantized(y) : b.Build(asFloats: true, y), "matrix", c.result);
        }, iter: 30);

    [Fact]
    public void A_network_of_8_and_16_bits_gives_ONNX_Runtimes_numbers()
    {
        var b = new QdqBuilder(8) { Opset = 21, Words = true };
        var x = b.Conv(b.Input(2, 3, 21, 22), 3, 24, 3, 1, 1, relu: true);
        // Two layers read the same words with different windows, and a third after they were moved.
        var y = b.Conv(x, 24, 24, 3, 1, 1);
        var z = b.Conv(x, 24, 24, 5, 1, 2, groups: 24);
        var sum = b.Apply("Add", 6, [y, z], relu: true);
        var moved = b.Keep("Transpose", [sum], n => n.With("perm", 0, 1, 3, 2));
        var joined = b.Keep("Concat", [moved, moved], n => n.With("axis", 1));
        b.Words = false;
        var narrow = b.Conv(joined, 48, 16, 3, 2, 1, relu: true);
        b.Words = true;
        var pooled = b.Keep("MaxPool", [b.Conv(narrow, 16, 20, 1)], n => n.With("kernel_shape", 2, 2).With("strides", 2, 2));
        var flat = b.Keep("Reshape", [pooled], null, b.Constant(Tensor.Vector(2L, -1)));
        Check(b.Build(asFloats: true, b.Gemm(flat, 20 * 5 * 5, 10)), "depthwise", 1, layers: 6);
    }

    [Fact]
    public void Bytes_that_become_words_of_their_own_scale_are_not_moved()
    {
        var b = new QdqBuilder(9) { Opset = 21, Words = true };
        var x = b.Input(1, 4, 5, 6);
        using var session = Int8Session.FromModel(b.Build(asFloats: true, b.Keep("Identity", [x])));
        Assert.Equal(["quantize to 16 bits", "dequantize from 16 bits"], session.Describe().Steps.Select(s => s.Kind));
    }

    /// <summary>The same bits on every set of kernels, with any number of threads, between guard pages; and ONNX Runtime's numbers up to
    /// the rounding of its sums.</summary>
    private static void Check(Model model, string kind, int result, int layers = 1)
    {
        var feeds = Comparison.Feeds(model, 5);
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds, optimize: false).Single().Value.Span<float>().ToArray();
        var portable = Comparison.Run(model, feeds, new Int8SessionOptions { Kernels = KernelSet.Portable });
        using (var session = Int8Session.FromModel(model))
        {
            string[] kinds = [.. session.Describe().Steps.Select(s => s.Kind)];
            Assert.Contains(kinds, k => k.StartsWith(kind, StringComparison.Ordinal) && k.EndsWith(" of 16 bits", StringComparison.Ordinal));
            Assert.DoesNotContain(kinds, k => k is "Conv (float)" or "Gemm (float)" or "MatMul (float)");
        }
        CheckEverywhere(model, feeds, portable);
        var actual = portable.Single().Value.Span<float>().ToArray();
        var allowed = result == 2 ? Tolerances.FloatLayer * expected.Max(MathF.Abs)
            : (result == 0 ? 1 : Tolerances.WordLevels * layers) * Scale(model) * 1.01f;
        foreach (var (e, a) in expected.Zip(actual)) Assert.Equal(e, a, allowed);
        if (result > 0) return;
        var different = expected.Zip(actual).Count(p => p.First != p.Second);
        // Products of 16 by 8 bits fill a float, so that ONNX Runtime rounds at every addition; the engine's sums are exact.
        Assert.InRange(different, 0, Math.Max(3, (int)(3 * actual.Length * Tolerances.EngineShareOffByOne)));
    }

    private static void CheckEverywhere(Model model, Dictionary<string, Tensor> feeds, IReadOnlyDictionary<string, Tensor> expected)
    {
        foreach (var kernels in Enum.GetValues<KernelSet>())
        {
            foreach (var guard in Enum.GetValues<MemoryGuard>())
            {
                var options = new Int8SessionOptions { Kernels = kernels, Guard = guard, Threads = 1 + (int)guard % 2 };
                foreach (var (name, tensor) in Comparison.Run(model, feeds, options)) Comparison.AssertSame(expected[name], tensor);
            }
        }
    }

    /// <summary>The scale of the last QuantizeLinear.</summary>
    private static float Scale(Model model) =>
        model.Graph.Initializers[model.Graph.Nodes.Last(n => n.OpType == "QuantizeLinear").Inputs[1]].Span<float>()[0];
}
