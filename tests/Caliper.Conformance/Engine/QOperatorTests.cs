using Caliper.Conformance.Onnx;
using Caliper.Graphs;
using Caliper.Kernels;

namespace Caliper.Conformance.Engine;

/// <summary>Operators that compute in integers by name, each alone, against ONNX Runtime.</summary>
public class QOperatorTests
{
    private readonly Random _random = new(23);

    [Theory]
    [InlineData(ElementType.UInt8, ElementType.Int8)]
    [InlineData(ElementType.UInt8, ElementType.UInt8)]
    [InlineData(ElementType.Int8, ElementType.Int8)]
    public void QLinearConv(ElementType activations, ElementType weights) => SameBits(new NodeCase("QLinearConv", 13,
        Bytes(activations, 1, 12, 14, 15), Scale(0.02f), Zero(activations, 121), Bytes(weights, 40, 12, 3, 3), Scale(0.004f),
        Zero(weights, weights is ElementType.UInt8 ? 131 : 128), Scale(0.05f), Zero(activations, 130),
        Tensor.Vector(Enumerable.Range(0, 40).Select(i => 100 * i - 1500).ToArray()))
        .Ints("pads", 1, 1, 1, 1).Constant(1, 2, 3, 4, 5, 6, 7, 8));

    [Theory]
    [InlineData(ElementType.UInt8, ElementType.Int8)]
    [InlineData(ElementType.Int8, ElementType.Int8)]
    [InlineData(ElementType.UInt8, ElementType.UInt8)]
    public void QLinearMatMul(ElementType activations, ElementType weights) => SameBits(new NodeCase("QLinearMatMul", 13,
        Bytes(activations, 5, 40), Scale(0.02f), Zero(activations, 121), Bytes(weights, 40, 33), Scale(0.004f), Zero(weights, 128),
        Scale(0.06f), Zero(activations, 130)).Constant(1, 2, 3, 4, 5, 6, 7));

    [Theory]
    [InlineData(ElementType.UInt8)]
    [InlineData(ElementType.Int8)]
    public void QGemm(ElementType activations)
    {
        Tensor?[] inputs = [Bytes(activations, 5, 40), Scale(0.02f), Zero(activations, 121), Bytes(ElementType.Int8, 33, 40), Scale(0.004f),
            Zero(ElementType.Int8, 128), Tensor.Vector(Enumerable.Range(0, 33).Select(i => 100 * i).ToArray()), Scale(0.06f), Zero(activations, 130)];
        SameBits(new NodeCase("QGemm", 13, inputs).Domain("com.microsoft").With("transB", 1L).Constant(1, 2, 3, 4, 5, 6, 7, 8));
        SameBits(new NodeCase("QGemm", 13, inputs[..7]).Domain("com.microsoft").With("transB", 1L).Constant(1, 2, 3, 4, 5, 6));
    }

    [Fact]
    public void MatMulIntegerToFloat() => SameBits(new NodeCase("MatMulIntegerToFloat", 13, Bytes(ElementType.UInt8, 5, 40),
        Bytes(ElementType.Int8, 40, 33), Scale(0.02f), Scale(0.004f), Zero(ElementType.UInt8, 121), Zero(ElementType.Int8, 128))
        .Domain("com.microsoft").Constant(1, 2, 3, 4, 5));

    /// <summary>Weights whose zero point is 0, in their middle, at their end or one a column; or that are computed, or batched.</summary>
    [Theory]
    [InlineData(ElementType.UInt8, ElementType.Int8, 128)]
    [InlineData(ElementType.UInt8, ElementType.Int8, 120)]
    [InlineData(ElementType.UInt8, ElementType.UInt8, 128)]
    [InlineData(ElementType.UInt8, ElementType.UInt8, 3)]
    [InlineData(ElementType.UInt8, ElementType.UInt8, 255)]
    public void MatMulInteger(ElementType activations, ElementType weights, int zero)
    {
        // Of this operator it cannot be told to add exactly.
        var saturates = weights is ElementType.Int8 ? Machine.WithoutVnni() : null;
        Assert.SkipWhen(saturates is not null, $"ONNX Runtime's sums saturate here: {saturates}");
        var (a, b) = (Bytes(activations, 3, 5, 300), Bytes(weights, 300, 37));
        foreach (var narrow in new[] { false, true })
        {
            if (narrow) b = Narrowed(b, zero);
            SameBits(new NodeCase("MatMulInteger", 13, a, b, Zero(activations, 121), Zero(weights, zero)).Constant(1, 2, 3));
            SameBits(new NodeCase("MatMulInteger", 13, a, b, Zero(activations, 121), Zero(weights, zero)).Constant(2, 3));
        }
        SameBits(new NodeCase("MatMulInteger", 13, a, b).Constant(1));
        var columns = new Tensor(weights, Shape.Of(37), Bytes(weights, 37).Bytes);
        SameBits(new NodeCase("MatMulInteger", 13, a, b, Zero(activations, 0), columns).Constant(1, 2, 3));
        SameBits(new NodeCase("MatMulInteger", 13, a, Bytes(weights, 3, 300, 7), Zero(activations, 255), Zero(weights, zero)).Constant(1, 2, 3));
    }

    [Theory]
    [InlineData(12, 40, 1, 128)]
    [InlineData(12, 40, 1, 9)]
    [InlineData(12, 40, 4, 128)]
    [InlineData(24, 24, 24, 128)]
    [InlineData(3, 5, 1, 128)]
    public void ConvInteger(int channels, int outputs, int groups, int zero)
    {
        var (x, w) = (Bytes(ElementType.UInt8, 2, channels, 14, 15), Bytes(ElementType.UInt8, outputs, channels / groups, 3, 3));
        foreach (var weights in new[] { w, Narrowed(w, zero) })
        {
            foreach (int[] constant in new int[][] { [1, 2, 3], [2, 3] })
            {
                SameBits(new NodeCase("ConvInteger", 13, x, weights, Zero(ElementType.UInt8, 121), Zero(ElementType.UInt8, zero))
                    .Ints("pads", 1, 0, 2, 1).Ints("strides", 2, 1).With("group", (long)groups).Constant(constant));
            }
        }
    }

    [Fact]
    public void Integer_sums_beyond_24_bits_are_exact()
    {
        var (a, b) = (Filled(ElementType.UInt8, 255, 1, 30_000), Filled(ElementType.UInt8, 255, 30_000, 16));
        // The last product makes the sum odd: a float32 would lose it.
        var last = a.Bytes.ToArray();
        last[^1] = 254;
        a = new Tensor(ElementType.UInt8, a.Shape, last);
        SameBits(new NodeCase("MatMulInteger", 13, a, b).Constant(1));
        SameBits(new NodeCase("MatMulInteger", 13, a, Narrowed(b, 128), Zero(ElementType.UInt8, 0), Zero(ElementType.UInt8, 128)).Constant(1, 2, 3));
    }

    [Theory]
    [InlineData("QLinearAdd", ElementType.UInt8)]
    [InlineData("QLinearAdd", ElementType.Int8)]
    [InlineData("QLinearMul", ElementType.UInt8)]
    [InlineData("QLinearMul", ElementType.Int8)]
    public void Two_operands(string operation, ElementType type) => SameLevels(new NodeCase(operation, 13,
        Bytes(type, 1, 20, 30, 31), Scale(0.02f), Zero(type, 121),
        Bytes(type, 1, 20, 30, 31), Scale(0.03f), Zero(type, 133), Scale(0.04f), Zero(type, 99))
        .Domain("com.microsoft").Constant(1, 2, 4, 5, 6, 7));

    [Theory]
    [InlineData("QLinearSigmoid", 0.004f)]
    [InlineData("QLinearLeakyRelu", 0.02f)]
    [InlineData("QLinearGlobalAveragePool", 0.005f)]
    [InlineData("QLinearAveragePool", 0.013f)]
    [InlineData("QLinearSoftmax", 1f / 256)]
    public void One_operand(string operation, float scale)
    {
        foreach (var type in new[] { ElementType.UInt8, ElementType.Int8 })
        {
            var node = new NodeCase(operation, 13, Bytes(type, 2, 20, 15, 16), Scale(0.02f), Zero(type, 121), Scale(scale),
                Zero(type, operation is "QLinearSoftmax" ? 0 : 99)).Domain("com.microsoft").Constant(1, 2, 3, 4);
            SameLevels(operation switch
            {
                "QLinearAveragePool" => node.Ints("kernel_shape", 3, 3).Ints("strides", 2, 2).Ints("pads", 1, 1, 1, 1),
                "QLinearSoftmax" => node.With("axis", -1L).With("opset", 13L),
                "QLinearGlobalAveragePool" => node.With("channels_last", 0L),
                _ => node,
            });
        }
    }

    [Fact]
    public void QLinearConcat() => SameLevels(new NodeCase("QLinearConcat", 13, Scale(0.04f), Zero(ElementType.UInt8, 99),
        Bytes(ElementType.UInt8, 1, 5, 20, 20), Scale(0.02f), Zero(ElementType.UInt8, 121),
        Bytes(ElementType.UInt8, 1, 7, 20, 20), Scale(0.04f), Zero(ElementType.UInt8, 99))
        .Domain("com.microsoft").With("axis", 1L).Constant(0, 1, 3, 4, 6, 7));

    [Theory]
    [InlineData("MaxPool")]
    [InlineData("Transpose")]
    [InlineData("Clip")]
    public void Bytes_that_nobody_dequantizes(string operation)
    {
        foreach (var type in new[] { ElementType.UInt8, ElementType.Int8 })
        {
            SameBits(operation switch
            {
                "MaxPool" => new NodeCase("MaxPool", 13, Bytes(type, 1, 5, 12, 13)).Ints("kernel_shape", 3, 3).Ints("pads", 1, 1, 1, 1),
                "Clip" => new NodeCase("Clip", 13, Bytes(type, 1, 5, 12, 13), Zero(type, 100), Zero(type, 200)).Constant(1, 2),
                _ => new NodeCase("Transpose", 13, Bytes(type, 2, 5, 12, 13)).Ints("perm", 2, 0, 3, 1),
            });
        }
    }

    [Fact]
    public void Constant_weights_run_in_the_kernels_of_layers()
    {
        Assert.Equal("matrix 300x37", StepOf(new NodeCase("MatMulInteger", 13, Bytes(ElementType.UInt8, 5, 300), Bytes(ElementType.Int8, 300, 37))
            .Constant(1)));
        Assert.Equal("conv 3x3", StepOf(new NodeCase("ConvInteger", 13, Bytes(ElementType.UInt8, 1, 8, 9, 9), Bytes(ElementType.UInt8, 8, 8, 3, 3),
            Zero(ElementType.UInt8, 7), Zero(ElementType.UInt8, 9)).Constant(1, 2, 3)));

        static string StepOf(NodeCase node)
        {
            using var session = Int8Session.FromModel(node.Model());
            return session.Describe().Steps.Single(s => s.MultiplyAdds > 0).Kind;
        }
    }

    private static void SameBits(NodeCase node) => Comparison.AssertSameBits(node.Model());

    private static void SameLevels(NodeCase node) => Comparison.AssertSameLevels(node.Model());

    private Tensor Bytes(ElementType type, params long[] shape)
    {
        var bytes = new byte[Shape.Of(shape).ElementCount];
        _random.NextBytes(bytes);
        return new Tensor(type, Shape.Of(shape), bytes);
    }

    /// <summary>The same, but within 7 bits around a zero point, in bytes as they are without a sign.</summary>
    private static Tensor Narrowed(Tensor tensor, int zero)
    {
        var flip = tensor.Type is ElementType.Int8 ? 0x80 : 0;
        return new(tensor.Type, tensor.Shape,
            tensor.Bytes.ToArray().Select(b => (byte)(Math.Clamp((b ^ flip) / 2 + zero - 64, 0, 255) ^ flip)).ToArray());
    }

    private static Tensor Filled(ElementType type, byte value, params long[] shape) =>
        new(type, Shape.Of(shape), Enumerable.Repeat(value, (int)Shape.Of(shape).ElementCount).ToArray());

    private static Tensor Scale(float scale) => Tensor.Scalar(scale);

    private static Tensor Zero(ElementType type, int zero) =>
        type is ElementType.Int8 ? Tensor.Scalar((sbyte)(zero - 128)) : Tensor.Scalar((byte)zero);
}
