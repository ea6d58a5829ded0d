using Caliper.Graphs;

namespace Caliper.Conformance.Engine;

/// <summary>Operators other than sums of products, against ONNX Runtime on the same QDQ file.</summary>
public class OperatorTests
{
    [Theory]
    [InlineData("Sigmoid", 1f)]
    [InlineData("Tanh", 1f)]
    [InlineData("HardSigmoid", 1f)]
    [InlineData("LeakyRelu", 3f)]
    [InlineData("Elu", 3f)]
    [InlineData("Selu", 3f)]
    [InlineData("Celu", 3f)]
    [InlineData("Softplus", 3f)]
    [InlineData("Softsign", 1f)]
    [InlineData("Exp", 8f)]
    [InlineData("Erf", 1f)]
    [InlineData("Abs", 3f)]
    [InlineData("Neg", 3f)]
    [InlineData("Floor", 3f)]
    [InlineData("Relu", 3f)]
    public void A_function_of_one_value(string operation, float range) => Check(
        b => b.Apply(operation, range, [b.Input(1, 16, 40, 40)]));

    [Theory]
    [InlineData("Add")]
    [InlineData("Mul")]
    [InlineData("Sub")]
    public void Two_tensors_of_one_shape(string operation) => Check(
        b => b.Apply(operation, 5, [b.Input(1, 19, 30, 31), b.Input(1, 19, 30, 31)]));

    [Theory]
    [InlineData("Add")]
    [InlineData("Mul")]
    public void A_tensor_and_a_constant_for_each_channel(string operation) => Check(
        b => b.Apply(operation, 5, [b.Conv(b.Input(1, 5, 33, 33), 5, 24, 3), b.Bytes(1, 24, 1, 1)]));

    [Theory]
    [InlineData("Add")]
    [InlineData("Mul")]
    public void A_tensor_and_a_gate_for_each_channel(string operation) => Check(b =>
    {
        var x = b.Conv(b.Input(1, 3, 33, 33), 3, 40, 3);
        var gate = b.Apply("Sigmoid", 1, [b.Conv(b.Apply("GlobalAveragePool", 1, [x]), 40, 40, 1)]);
        return b.Apply(operation, 5, [x, gate]);
    });

    [Theory]
    [InlineData(2, 2, 0)]
    [InlineData(3, 2, 1)]
    [InlineData(3, 1, 1)]
    [InlineData(5, 3, 2)]
    public void Max_pools(int kernel, int stride, int pad) => Check(
        b => b.Keep("MaxPool", [b.Conv(b.Input(1, 4, 33, 35), 4, 70, 1)], n => Window(n, kernel, stride, pad)));

    [Theory]
    [InlineData(2, 2, 0, 0)]
    [InlineData(3, 2, 1, 0)]
    [InlineData(3, 2, 1, 1)]
    [InlineData(7, 1, 3, 0)]
    public void Average_pools(int kernel, int stride, int pad, int countsPads) => Check(b => b.Apply("AveragePool", 2,
        [b.Conv(b.Input(1, 4, 33, 35), 4, 35, 1)], n => Window(n, kernel, stride, pad).With("count_include_pad", countsPads)));

    [Theory]
    [InlineData("Mul")]
    [InlineData("Add")]
    public void A_tensor_and_a_function_of_itself_are_one_table(string operation)
    {
        var b = new QdqBuilder(19);
        var x = b.Conv(b.Input(1, 3, 20, 20), 3, 24, 3);
        var model = b.Build(asFloats: false, b.Apply(operation, 3, [x, b.Apply("Sigmoid", 1, [x])]));
        Comparison.AssertSameLevels(model);
        Comparison.AssertSameEverywhere(model);
        using var session = Int8Session.FromModel(model);
        Assert.DoesNotContain(session.Describe().Steps, s => s.Kind == "Sigmoid");
    }

    [Fact]
    public void A_global_average() => Check(b => b.Apply("GlobalAveragePool", 0.5f, [b.Input(8, 1300, 7, 7)]));

    [Theory]
    [InlineData(-1)]
    [InlineData(1)]
    public void A_softmax(int axis) => Check(
        // ONNX Runtime takes the whole part of 1/scale: only for a scale such as 1/256, which quantizers give a softmax, is it right.
        b => b.Apply("Softmax", 1f / 256, 0, [b.Input(6, 30, 60)], n => n.With("axis", axis)));

    [Fact]
    public void Tensors_side_by_side() => Check(b =>
    {
        var x = b.Conv(b.Input(1, 3, 30, 30), 3, 20, 3, relu: true);
        return b.Apply("Concat", 5, [b.Conv(x, 20, 13, 1, relu: true), b.Conv(x, 20, 30, 3, 1, 1, relu: true), x], n => n.With("axis", 1));
    });

    [Theory]
    [InlineData("asymmetric", "floor", 2f, 2f)]
    [InlineData("half_pixel", "round_prefer_floor", 2f, 3f)]
    [InlineData("half_pixel", "round_prefer_ceil", 1.5f, 0.6f)]
    [InlineData("pytorch_half_pixel", "ceil", 1.7f, 1.3f)]
    public void Nearest_pixels(string coordinates, string nearest, float down, float right) => Check(b => b.Keep("Resize",
        [b.Conv(b.Input(1, 3, 14, 15), 3, 21, 3)],
        n => n.With("mode", "nearest").With("coordinate_transformation_mode", coordinates).With("nearest_mode", nearest),
        "", b.Constant(Tensor.Vector(1f, 1f, down, right))));

    [Theory]
    [InlineData("asymmetric", 2f, 2f)]
    [InlineData("half_pixel", 2f, 3f)]
    [InlineData("align_corners", 1.5f, 2f)]
    [InlineData("pytorch_half_pixel", 0.7f, 1.3f)]
    public void Pixels_interpolated(string coordinates, float down, float right) => Check(b => b.Keep("Resize",
        [b.Conv(b.Input(1, 3, 24, 25), 3, 21, 3)], n => n.With("mode", "linear").With("coordinate_transformation_mode", coordinates),
        "", b.Constant(Tensor.Vector(1f, 1f, down, right))));

    [Fact]
    public void Movements() => Check(b =>
    {
        var x = b.Conv(b.Input(1, 3, 16, 16), 3, 12, 3, 1, 1);
        var shuffled = b.Keep("Reshape",
            [b.Keep("Transpose", [b.Keep("Reshape", [x], null, Ints(b, 1, 3, 4, 16, 16))], n => n.With("perm", 0, 2, 1, 3, 4))],
            null, Ints(b, 1, 12, 16, 16));
        var sliced = b.Keep("Slice", [shuffled], null, Ints(b, 1, 0, 1), Ints(b, 11, 16, 15), Ints(b, 1, 2, 3), Ints(b, 1, 2, 3));
        var padded = b.Keep("Pad", [sliced], null, Ints(b, 0, 2, 1, 0, 0, 3, 0, 2));
        return b.Keep("Gather", [b.Keep("Flatten", [b.Conv(padded, 15, 6, 3)])], n => n.With("axis", 1), Ints(b, 5, 0, -1, 7, 7));
    });

    [Fact]
    public void A_clip_behind_and_a_chain_of_functions() => Check(b =>
    {
        var x = b.Input(1, 8, 30, 30);
        return b.Apply("Clip", 3, [x], null, false, b.Constant(Tensor.Scalar(-0.5f)), b.Constant(Tensor.Scalar(1.3f)));
    });

    [Fact]
    public void Transposed_axes_reach_a_fully_connected_layer() => Check(b =>
    {
        var x = b.Conv(b.Input(2, 3, 6, 6), 3, 10, 3);
        return b.Gemm(b.Keep("Flatten", [b.Keep("Transpose", [x], n => n.With("perm", 0, 2, 3, 1))]), 160, 9);
    });

    private static string Ints(QdqBuilder b, params long[] numbers) => b.Constant(Tensor.Vector(numbers));

    private static Node Window(Node node, int kernel, int stride, int pad) =>
        node.With("kernel_shape", kernel, kernel).With("strides", stride, stride).With("pads", pad, pad, pad, pad);

    private static void Check(Func<QdqBuilder, string> build)
    {
        foreach (var signed in new[] { false, true })
        {
            var builder = new QdqBuilder(17) { Signed = signed };
            Comparison.AssertSameLevels(builder.Build(asFloats: false, build(builder)));
        }
    }
}
