using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Testing;

namespace Caliper.Conformance.Engine;

/// <summary>Products, convolutions, pools and reductions in float32: ONNX Runtime's numbers, and the same bits from every kernel set.</summary>
public class FloatOperatorTests
{
    private const double Tolerance = 2e-5;

    [Theory]
    [InlineData(1, 3, 7, 3, 1, 1, 1, 1)]
    [InlineData(2, 5, 37, 3, 2, 1, 1, 1)]
    [InlineData(1, 70, 13, 1, 1, 0, 1, 1)]
    [InlineData(1, 12, 24, 5, 1, 2, 2, 4)]
    [InlineData(2, 6, 6, 3, 1, 1, 1, 6)]
    [InlineData(1, 9, 9, 5, 2, 2, 1, 9)]
    [InlineData(1, 4, 8, 3, 3, 4, 3, 4)]
    public void Convolutions(int batch, int inputs, int outputs, int kernel, int stride, int pad, int dilation, int groups) => Check(b =>
        b.Float("Conv", [b.Real(b.Input(batch, inputs, 19, 23)), b.Floats(outputs, inputs / groups, kernel, kernel), b.Floats(outputs)],
            n => n.With("pads", pad, pad, pad, pad).With("strides", stride, stride).With("dilations", dilation, dilation).With("group", groups)));

    [Theory]
    [InlineData(new long[] { 1, 300 }, new long[] { 300, 33 })]
    [InlineData(new long[] { 7, 19 }, new long[] { 19, 5 })]
    [InlineData(new long[] { 3, 13, 65 }, new long[] { 65, 70 })]
    [InlineData(new long[] { 2, 1, 5, 8 }, new long[] { 3, 8, 40 })]
    public void Products(long[] a, long[] shape) => Check(b => b.Float("MatMul", [b.Real(b.Input(a)), b.Floats(shape)]));

    [Theory]
    [InlineData(1, 0, 1f, 1f)]
    [InlineData(0, 1, 0.5f, 1f)]
    [InlineData(1, 1, 1f, 0.25f)]
    public void Products_and_a_bias(int transA, int transB, float alpha, float beta) => Check(b => b.Float("Gemm",
        [b.Real(b.Input(transA == 1 ? [40, 9] : [9, 40])), b.Floats(transB == 1 ? [35, 40] : [40, 35]), b.Floats(35)],
        n => n.With("transA", transA).With("transB", transB).With("alpha", alpha).With("beta", beta)));

    [Theory]
    [InlineData("MaxPool", 3, 2, 1)]
    [InlineData("AveragePool", 3, 1, 1)]
    [InlineData("AveragePool", 2, 2, 0)]
    public void Pools(string operation, int kernel, int stride, int pad) => Check(b => b.Float(operation,
        [b.Float("Mul", [b.Real(b.Input(2, 5, 18, 21)), b.Floats(5, 1, 1)])],
        n => n.With("kernel_shape", kernel, kernel).With("strides", stride, stride).With("pads", pad, pad, pad, pad)));

    [Theory]
    [InlineData("ReduceMean", new long[] { 2, 3 })]
    [InlineData("ReduceMean", new long[] { 1 })]
    [InlineData("ReduceMax", new long[] { 0, 2 })]
    [InlineData("ReduceMin", new long[] { 3 })]
    [InlineData("ReduceSum", new long[] { 1, 3 })]
    public void Reductions(string operation, long[] axes) => Check(b =>
    {
        var x = b.Float("Mul", [b.Real(b.Input(2, 5, 9, 70)), b.Floats(70)]);
        return operation == "ReduceSum" ? b.Float(operation, [x, b.Constant(Tensor.Vector(axes))])
            : b.Float(operation, [x], n => n.With("axes", axes));
    });

    [Theory]
    [InlineData("Softmax", -1)]
    [InlineData("Softmax", 1)]
    [InlineData("LogSoftmax", 2)]
    public void Shares(string operation, int axis) => Check(b => b.Float(operation, [b.Real(b.Input(2, 7, 83))], n => n.With("axis", axis)));

    [Theory]
    [InlineData("linear", "half_pixel", 2f, 2.5f)]
    [InlineData("linear", "align_corners", 0.6f, 70f)]
    [InlineData("nearest", "asymmetric", 2f, 3f)]
    public void Resized_planes(string mode, string coordinates, float down, float right) => Check(b => b.Float("Resize",
        [b.Float("Mul", [b.Real(b.Input(2, 3, 9, 40)), b.Floats(3, 1, 1)]), "", b.Constant(Tensor.Vector(1f, 1f, down, right))],
        n => n.With("mode", mode).With("coordinate_transformation_mode", coordinates)
            .With("nearest_mode", "floor")));

    [Fact]
    public void Normalized_rows() => Check(b => b.Float("LayerNormalization", [b.Real(b.Input(2, 7, 83)), b.Floats(83), b.Floats(83)]));

    /// <summary>A spectrogram is cut off so far below its own greatest number.</summary>
    [Fact]
    public void Numbers_between_bounds_that_are_computed() => Check(b =>
    {
        var x = b.Real(b.Input(2, 7, 83));
        var greatest = b.Float("ReduceMax", [x], n => n.With("keepdims", 0));
        var least = b.Float("Neg", [greatest]);
        return b.Float("Add", [b.Float("Clip", [x, "", b.Float("Sqrt", [greatest])]), b.Float("Clip", [x, least, b.Float("Mul", [least, least])])]);
    });

    [Fact]
    public void Denormal_weights_are_zeros_and_are_told()
    {
        var b = new QdqBuilder(31) { Opset = 17 };
        var weights = Tensor.Of(Shape.Of(3, 2), [1f, 1e-40f, -2, float.Epsilon, 0, 1e-38f]);
        var model = b.Build(asFloats: false, b.Float("MatMul", [b.Real(b.Input(1, 3)), b.Constant(weights)]));
        using var session = Int8Session.FromModel(model);
        var told = Assert.Single(session.Diagnostics);
        Assert.Equal("denormal-weights", told.Code);
        Assert.StartsWith("3 of its 6", told.Message, StringComparison.Ordinal);
        Assert.Equal(0, session.Run(Comparison.Feeds(model, 3)).Values.First().Span<float>()[1]);
    }

    /// <summary>Slopes of 1e−37, which training leaves, make denormal numbers of all that is below zero.</summary>
    [Fact]
    public void Factors_whose_products_would_be_denormal_are_zeros_unless_all_are()
    {
        var b = new QdqBuilder(33) { Opset = 17 };
        var slopes = b.Constant(Tensor.Of(Shape.Of(4), [0.25f, 1e-37f, 1e-6f, -1e-33f]));
        var little = b.Constant(Tensor.Of(Shape.Of(4), [1e-37f, 2e-37f, 3e-37f, -4e-37f]));
        var model = b.Build(asFloats: false, b.Float("Mul", [b.Float("PRelu", [b.Real(b.Input(3, 4)), slopes]), little]));
        using var session = Int8Session.FromModel(model);
        var told = Assert.Single(session.Diagnostics);
        Assert.StartsWith("2 of its 4", told.Message, StringComparison.Ordinal);
        float[] x = [-1, -1, -1, -1, 2, 2, 2, 2, 0, 0, 0, 0], output = new float[12];
        session.Run(x, output);
        float[] expected = [-0.25f * 1e-37f, 0, -1e-6f * 3e-37f, 0, 2 * 1e-37f, 2 * 2e-37f, 2 * 3e-37f, 2 * -4e-37f];
        for (var i = 0; i < expected.Length; i++) Assert.Equal(expected[i] * 1e38f, output[i] * 1e38f, 0.02 * Math.Abs(expected[i] * 1e38f));
    }

    [Fact]
    public void A_run_allocates_nothing()
    {
        var b = new QdqBuilder(37) { Opset = 17 };
        var x = b.Float("Conv", [b.Real(b.Input(1, 6, 12, 12)), b.Floats(8, 6, 3, 3), b.Floats(8)]);
        x = b.Float("MaxPool", [b.Float("HardSwish", [x])], n => n.With("kernel_shape", 3, 3));
        x = b.Float("Conv", [x, b.Floats(8, 1, 3, 3)], n => n.With("group", 8));
        x = b.Float("Softmax", [b.Float("MatMul", [b.Float("LayerNormalization", [x, b.Floats(6)]), b.Floats(6, 7)])]);
        var model = b.Build(asFloats: false, b.Float("ReduceMean", [x], n => n.With("axes", [1L])));
        using var session = Int8Session.FromModel(model);
        var (input, output) = (new float[6 * 144], new float[session.Outputs[0].Shape!.Value.ElementCount]);
        session.Run(input, output);
        Assert.Equal(0, Allocation.FewestBytes(() => { for (var run = 0; run < 20; run++) session.Run(input, output); }));
    }

    private static void Check(Func<QdqBuilder, string> build)
    {
        var b = new QdqBuilder(29) { Opset = 17 };
        var model = b.Build(asFloats: false, build(b));
        var feeds = Comparison.Feeds(model, 3);
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds);
        foreach (var (name, actual) in Comparison.Run(model, feeds))
        {
            Assert.Equal(expected[name].Shape, actual.Shape);
            foreach (var (e, g) in expected[name].Span<float>().ToArray().Zip(actual.Span<float>().ToArray()))
                Assert.True(Math.Abs(e - g) <= Tolerance * Math.Max(1, Math.Abs(e)), $"{name}: {e} is not {g}");
        }
        Comparison.AssertSameEverywhere(model, feeds);
    }
}
