using Caliper.Conformance.Onnx;
using Caliper.Conversion;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>Real networks, quantized in both forms: the bits of ONNX Runtime, on every path.</summary>
public class EngineRealModelTests
{
    [Theory]
    [InlineData("resnet20.onnx", QuantizedFormat.Qdq)]
    [InlineData("resnet20.onnx", QuantizedFormat.QOperator)]
    [InlineData("squeezenet1_0.onnx", QuantizedFormat.Qdq)]
    [InlineData("ultraface-rfb-320.onnx", QuantizedFormat.Qdq)]
    [InlineData("ultraface-rfb-320.onnx", QuantizedFormat.QOperator)]
    [InlineData("mobilenet_v2_untrained.onnx", QuantizedFormat.Qdq)]
    public void A_network_gives_the_bits_of_ONNX_Runtime_on_every_path(string name, QuantizedFormat format)
    {
        using var model = FloatModel.Load(RealModels.Path(name));
        var inputs = RealModels.RandomInputs(model.Model);
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        prepared.Run(inputs);
        using var quantized = prepared.Convert(new ConvertOptions { Format = format });
        var expected = OnnxRuntime.Run(OnnxFile.ToBytes(quantized.Model), inputs);
        foreach (var kernels in new[] { KernelSet.Auto, KernelSet.Assembled, KernelSet.AvxVnni, KernelSet.AdvSimd })
        {
            using var session = Int8Session.FromModel(quantized.Model, new Int8SessionOptions { Kernels = kernels, Threads = 2 });
            foreach (var (output, actual) in session.Run(inputs)) AssertSame(expected[output], actual);
        }
    }

    /// <summary>The last few operators of UltraFace are float, and exponentials differ in the last bit.</summary>
    private static void AssertSame(Tensor expected, Tensor actual)
    {
        Assert.Equal(expected.Shape, actual.Shape);
        foreach (var (e, a) in expected.Span<float>().ToArray().Zip(actual.Span<float>().ToArray()))
            Assert.True(e == a || Math.Abs(e - a) <= 2e-7f * Math.Max(1, Math.Abs(e)), FormattableString.Invariant($"{a} is not {e}"));
    }
}
