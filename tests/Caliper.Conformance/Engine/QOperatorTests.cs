using Caliper.Conformance.Onnx;
using Caliper.Graphs;

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

    private static void SameBits(NodeCase node) => Comparison.AssertSameBits(node.Model());

    private static void SameLevels(NodeCase node) => Comparison.AssertSameLevels(node.Model());

    private Tensor Bytes(ElementType type, params long[] shape)
    {
        var bytes = new byte[Shape.Of(shape).ElementCount];
        _random.NextBytes(bytes);
        return new Tensor(type, Shape.Of(shape), bytes);
    }

    private static Tensor Scale(float scale) => Tensor.Scalar(scale);

    private static Tensor Zero(ElementType type, int zero) =>
        type is ElementType.Int8 ? Tensor.Scalar((sbyte)(zero - 128)) : Tensor.Scalar((byte)zero);
}
