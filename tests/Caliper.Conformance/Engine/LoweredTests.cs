using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>Operators that the engine says by others: ONNX Runtime's numbers, with one sample and several, and the same bits everywhere.</summary>
public class LoweredTests
{
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData("ij,jk->ik", new long[] { 5, 7 }, new long[] { 7, 3 })]
    [InlineData("bhid,bhjd->bhij", new long[] { 2, 3, 5, 8 }, new long[] { 2, 3, 6, 8 })]
    [InlineData("bij,bjk", new long[] { 3, 5, 7 }, new long[] { 3, 7, 2 })]
    [InlineData("...ij,...jk->...ik", new long[] { 2, 3, 5, 7 }, new long[] { 2, 3, 7, 2 })]
    [InlineData("bchw,hkc->bkw", new long[] { 2, 4, 5, 6 }, new long[] { 5, 3, 4 })]
    [InlineData("i,j->ji", new long[] { 5 }, new long[] { 7 })]
    [InlineData("bi,bi->b", new long[] { 3, 70 }, new long[] { 3, 70 })]
    [InlineData("ij,kl->", new long[] { 3, 4 }, new long[] { 2, 5 })]
    [InlineData("ij,ij->ij", new long[] { 3, 4 }, new long[] { 3, 4 })]
    [InlineData("bij->bji", new long[] { 2, 3, 4 }, null)]
    [InlineData("bii->b", new long[] { 2, 5, 5 }, null)]
    [InlineData("bii->bi", new long[] { 2, 5, 5 }, null)]
    [InlineData("b...->...", new long[] { 2, 3, 4 }, null)]
    public void Products_by_an_equation(string equation, long[] a, long[]? b) => Check(g => g.Float("Einsum",
        b is null ? [g.Real(g.Input(a))] : [g.Real(g.Input(a)), g.Real(g.Input(b))], n => n.With("equation", equation)));

    [Theory]
    [InlineData("edge")]
    [InlineData("reflect")]
    public void Margins_of_its_own(string mode)
    {
        var g = new QdqBuilder(5) { Opset = 17 };
        Comparison.AssertSameBits(g.Build(asFloats: false, g.Keep("Pad", [g.Input(2, 3, 4, 6)], n => n.With("mode", mode),
            g.Constant(Tensor.Vector(0L, 0, 1, 3, 0, 0, 2, 0)))));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(3, 4)]
    public void Sums_of_bytes_whose_zero_point_is_computed(int batch, int groups)
    {
        foreach (var pad in new[] { 0, 2 })
        {
            var g = new QdqBuilder(9) { Opset = 17 };
            var weights = g.Constant(new Tensor(ElementType.Int8, Shape.Of(8, 8 / groups, 3, 3), Bytes(8 * 8 / groups * 9)));
            var zero = g.Constant(Tensor.Scalar((sbyte)3));
            Check(g, b =>
            {
                var (bytes, point) = ("bytes_of", "point_of");
                b.Add(new Node("quantize", "DynamicQuantizeLinear", [b.Real(b.Input(batch, 8, 9, 7))], [bytes, "scale_of", point]));
                return b.Float("ConvInteger", [bytes, weights, point, zero],
                    n => n.With("pads", pad, 1, pad, 0).With("strides", 2, 1).With("group", groups));
            });
        }

        static byte[] Bytes(int count)
        {
            var bytes = new byte[count];
            new Random(1).NextBytes(bytes);
            return bytes;
        }
    }

    [Fact]
    public void A_product_of_three_by_an_equation() => Check(g => g.Float("Einsum",
        [g.Real(g.Input(2, 5)), g.Real(g.Input(5, 3, 4)), g.Real(g.Input(2, 4))], n => n.With("equation", "bi,ijk,bk->bj")));

    [Theory]
    [InlineData(1, 16, 1, 0, 0)]
    [InlineData(1, 21, 1, 1, 0)]
    [InlineData(1, 21, 2, 0, 1)]
    [InlineData(2, 30, 2, 0, 0)]
    public void Frequencies(int axis, int length, int parts, int oneSided, int inverse) => Check(g => g.Float("DFT",
        [g.Real(g.Input(axis == 1 ? [3, length, parts] : [3, 2, length, parts]))],
        n => n.With("axis", axis).With("onesided", oneSided).With("inverse", inverse)));

    [Theory]
    [InlineData(12)]
    [InlineData(25)]
    public void Frequencies_of_a_signal_that_is_cut_or_continued(int length) =>
        Check(g => g.Float("DFT", [g.Real(g.Input(2, 19, 1)), g.Constant(Tensor.Scalar((long)length))], n => n.With("axis", 1)));

    [Theory]
    [InlineData(1, 64, 16, 1, 1)]
    [InlineData(3, 50, 7, 0, 1)]
    [InlineData(2, 40, 8, 1, 0)]
    public void Frames_of_a_signal(int batch, int length, int step, int oneSided, int hasWindow) => Check(g => g.Float("STFT",
    [
        g.Real(g.Input(batch, length, 1)), g.Constant(Tensor.Scalar((long)step)), hasWindow == 1 ? g.Floats(20) : "", g.Constant(Tensor.Scalar(20L)),
    ], n => n.With("onesided", oneSided)));

    [Theory]
    [InlineData(1, 0)]
    [InlineData(0, -2)]
    [InlineData(1, 3)]
    [InlineData(0, 99)]
    public void Triangles(int upper, long k) => Check(g =>
        g.Float("Trilu", [g.Real(g.Input(2, 5, 7)), g.Constant(Tensor.Scalar(k))], n => n.With("upper", upper)));

    [Theory]
    [InlineData(0, 0, 0)]
    [InlineData(1, 1, 0)]
    [InlineData(2, 0, 1)]
    [InlineData(-1, 1, 1)]
    public void Running_sums(int axis, int exclusive, int reverse) => Check(g => g.Float("CumSum",
        [g.Real(g.Input(2, 5, 17)), g.Constant(Tensor.Scalar(axis))], n => n.With("exclusive", exclusive).With("reverse", reverse)));

    [Fact]
    public void Running_sums_of_whole_numbers() => Check(g =>
    {
        var whole = g.Float("Cast", [g.Real(g.Input(3, 40))], n => n.With("to", (long)ElementType.Int64));
        return g.Float("CumSum", [whole, g.Constant(Tensor.Scalar(1L))]);
    });

    [Theory]
    [InlineData(-1, ElementType.Int64)]
    [InlineData(1, ElementType.Int32)]
    [InlineData(0, ElementType.Float32)]
    public void Places_as_masks(int axis, ElementType type) => Check(g =>
    {
        // From −9 to 8, for 5 places: some are outside.
        var reals = g.Float("Round", [g.Float("Mul", [g.Real(g.Input(2, 9)), g.Constant(Tensor.Scalar(4f))])]);
        var indices = g.Float("Cast", [reals], n => n.With("to", (long)type));
        var depth = type switch { ElementType.Int64 => Tensor.Scalar(5L), ElementType.Int32 => Tensor.Scalar(5), _ => Tensor.Scalar(5f) };
        return g.Float("OneHot", [indices, g.Constant(depth), g.Constant(Tensor.Vector(-1f, 3))], n => n.With("axis", axis));
    });

    [Theory]
    [InlineData("Sum")]
    [InlineData("Mean")]
    [InlineData("Max")]
    [InlineData("Min")]
    public void Of_several(string operation) => Check(g => g.Float(operation,
        [g.Real(g.Input(2, 3, 7)), g.Real(g.Input(3, 1)), g.Floats(7), g.Real(g.Input(1))]));

    [Theory]
    [InlineData("ReduceL1")]
    [InlineData("ReduceL2")]
    [InlineData("ReduceSumSquare")]
    public void Norms(string operation) => Check(g => g.Float(operation, [g.Real(g.Input(2, 5, 7))], n => n.With("axes", [1L])));

    [Theory]
    [InlineData(new long[] { 7 }, new long[] { 7 })]
    [InlineData(new long[] { 7 }, new long[] { 2, 7, 3 })]
    [InlineData(new long[] { 2, 5, 7 }, new long[] { 7 })]
    public void Products_with_vectors(long[] a, long[] b) => Check(g => g.Float("MatMul", [g.Real(g.Input(a)), g.Real(g.Input(b))]));

    [Theory]
    [InlineData("Tile", 2)]
    [InlineData("DepthToSpace", 8)]
    [InlineData("SpaceToDepth", 3)]
    public void Movements_of_bytes(string operation, int channels)
    {
        foreach (var batch in new[] { 1, 3 })
        {
            var g = new QdqBuilder(5) { Opset = 17 };
            string[] more = operation == "Tile" ? [g.Constant(Tensor.Vector(1L, 2, 1, 3))] : [];
            Comparison.AssertSameBits(g.Build(asFloats: false, g.Keep(operation, [g.Input(batch, channels, 4, 6)],
                n => operation == "Tile" ? n : n.With("blocksize", 2), more)));
        }
    }

    [Theory]
    [InlineData(1, 3, 8, 3, 1, 1, 1, 1)]
    [InlineData(2, 6, 12, 3, 2, 1, 1, 2)]
    [InlineData(1, 4, 4, 2, 1, 0, 2, 4)]
    [InlineData(1, 5, 7, 1, 1, 0, 1, 1)]
    public void Convolutions_of_volumes(int batch, int inputs, int outputs, int kernel, int stride, int pad, int dilation, int groups)
    {
        foreach (var signed in new[] { false, true })
        {
            var g = new QdqBuilder(7) { Signed = signed, Opset = 17 };
            Comparison.AssertSameBits(g.Build(asFloats: false,
                g.Conv(g.Input(batch, inputs, 6, 7, 8), inputs, outputs, kernel, stride, pad, dilation, groups, relu: true, axes: 3)));
        }
        Check(g => g.Float("Conv",
            [g.Real(g.Input(batch, inputs, 6, 7, 8)), g.Floats(outputs, inputs / groups, kernel, kernel, kernel), g.Floats(outputs)],
            n => n.With("pads", [.. Enumerable.Repeat((long)pad, 6)]).With("strides", stride, stride, stride)
                .With("dilations", dilation, dilation, dilation).With("group", groups)));
    }

    [Theory]
    [InlineData("MaxPool", 3, 2, 1)]
    [InlineData("MaxPool", 2, 2, 0)]
    [InlineData("AveragePool", 3, 2, 1)]
    [InlineData("AveragePool", 2, 1, 0)]
    public void Pools_of_volumes(string operation, int kernel, int stride, int pad)
    {
        Check(g => g.Float(operation, [g.Float("Mul", [g.Real(g.Input(2, 3, 6, 7, 9)), g.Floats(3, 1, 1, 1)])], Window));
        var b = new QdqBuilder(11) { Opset = 17 };
        if (operation == "MaxPool") Comparison.AssertSameBits(b.Build(asFloats: false, b.Keep(operation, [b.Input(2, 3, 6, 7, 9)], Window)));

        Node Window(Node node) => node.With("kernel_shape", kernel, kernel, kernel).With("strides", stride, stride, stride)
            .With("pads", [.. Enumerable.Repeat((long)pad, 6)]);
    }

    [Theory]
    [InlineData("Einsum", "ij,jk->ik", "'i' in its equation", 3L)]
    [InlineData("Einsum", "i-j", "'i-j' in its equation", 3L)]
    [InlineData("Einsum", "ij->ii", "has an axis twice", 3L, 4L)]
    [InlineData("DFT", "", "transforms real and imaginary parts", 1L, 2L, 2L)]
    public void Equations_that_say_nothing_are_refused(string operation, string equation, string reason, params long[] shape)
    {
        var g = new QdqBuilder(3) { Opset = 17 };
        var x = g.Real(g.Input(shape));
        var inputs = equation.Contains(',', StringComparison.Ordinal) ? new[] { g.Floats(3), g.Floats(3, 2) } : [x];
        var y = g.Float(operation, inputs, n => operation == "Einsum" ? n.With("equation", equation) : n.With("axis", 2));
        var error = Assert.Throws<CaliperException>(() => Int8Session.FromModel(g.Build(asFloats: false, y)));
        Assert.Contains(equation == "ij,jk->ik" ? "'ij' in its equation" : reason, error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("OneHot")]
    [InlineData("DFT")]
    public void A_small_file_makes_no_large_table(string operation)
    {
        var g = new QdqBuilder(3) { Opset = 17 };
        var y = operation == "OneHot"
            ? g.Float("OneHot", [g.Whole(ElementType.Int64, 1), g.Constant(Tensor.Scalar(1L << 30)), g.Constant(Tensor.Vector(0f, 1))])
            : g.Float("DFT", [g.Real(g.Input(1, 100_000, 1))], n => n.With("axis", 1));
        Assert.Contains("more than", Assert.Throws<CaliperException>(() => Int8Session.FromModel(g.Build(asFloats: false, y))).Message,
            StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.6f, 1.7f, 0)]
    [InlineData(2f, 0.5f, 1)]
    public void Cubic_pixels(float down, float right, int excluded) => Check(g => g.Float("Resize",
        [g.Real(g.Input(2, 3, 9, 20)), "", g.Constant(Tensor.Vector(1f, 1, down, right))],
        n => n.With("mode", "cubic").With("exclude_outside", excluded)));

    [Theory]
    [InlineData(1, 1, 0)]
    [InlineData(2, 2, 1)]
    public void Transposed_convolutions_of_volumes(int groups, int stride, int pad) => Check(g => g.Float("ConvTranspose",
        [g.Real(g.Input(2, 4, 3, 4, 5)), g.Floats(4, 3, 3, 3, 3), g.Floats(3 * groups)], n => n.With("group", groups)
            .With("strides", stride, stride, stride).With("pads", [.. Enumerable.Repeat((long)pad, 6)])
            .With("output_padding", stride - 1, 0, stride - 1)));

    [Theory]
    [InlineData(1L)]
    [InlineData(2L)]
    public void Quantization_by_channels(long axis) => Check(g => g.Float("DequantizeLinear", [g.Float("QuantizeLinear",
        [g.Real(g.Input(2, 5, 5)), g.Constant(Tensor.Vector(0.01f, 0.02f, 0.5f, 0.003f, 0.04f)),
            g.Constant(Tensor.Vector<sbyte>(0, 3, -7, 100, -128))],
        n => n.With("axis", axis)), g.Constant(Tensor.Vector(0.01f)), g.Constant(Tensor.Vector<sbyte>(0))]));

    private static void Check(Func<QdqBuilder, string> build) => Check(new QdqBuilder(29) { Opset = 17 }, build);

    private static void Check(QdqBuilder g, Func<QdqBuilder, string> build)
    {
        var model = g.Build(asFloats: false, build(g));
        var feeds = Comparison.Feeds(model, 3);
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        foreach (var (name, actual) in Comparison.Run(model, feeds))
        {
            Assert.Equal((expected[name].Type, expected[name].Shape), (actual.Type, actual.Shape));
            if (actual.Type is ElementType.Float32)
            {
                var scale = expected[name].Span<float>().ToArray().Max(Math.Abs);
                foreach (var (e, a) in expected[name].Span<float>().ToArray().Zip(actual.Span<float>().ToArray()))
                    Assert.True(Math.Abs(e - a) <= Tolerance * Math.Max(1, scale), $"{name}: {a} is not {e}");
            }
            else Comparison.AssertSame(expected[name], actual);
        }
        Comparison.AssertSameEverywhere(model, feeds);
    }
}
