using System.Runtime.InteropServices;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Onnx.Schema;
using Caliper.Testing;

namespace Caliper.Conformance.Onnx;

/// <summary>The ONNX standard's own tests: a model, what to feed it, and what it must return.</summary>
public class NodeTests
{
    // The tolerances of the standard's own test runner.
    private const double RelativeTolerance = 1e-3;
    private const double AbsoluteTolerance = 1e-7;

    public static TheoryData<string> Names => new(
        "test_convinteger_with_padding", "test_convinteger_without_padding", "test_dequantizelinear",
        "test_dequantizelinear_axis", "test_dequantizelinear_blocked", "test_dequantizelinear_e4m3fn",
        "test_dequantizelinear_e4m3fn_float16", "test_dequantizelinear_e4m3fn_zero_point", "test_dequantizelinear_e5m2",
        "test_dequantizelinear_int16", "test_dequantizelinear_int4", "test_dequantizelinear_uint16",
        "test_dequantizelinear_uint4", "test_dynamicquantizelinear", "test_dynamicquantizelinear_expanded",
        "test_dynamicquantizelinear_max_adjusted", "test_dynamicquantizelinear_max_adjusted_expanded",
        "test_dynamicquantizelinear_min_adjusted", "test_dynamicquantizelinear_min_adjusted_expanded", "test_matmulinteger",
        "test_qlinearconv", "test_qlinearmatmul_2D_int8_float16", "test_qlinearmatmul_2D_int8_float32",
        "test_qlinearmatmul_2D_uint8_float16", "test_qlinearmatmul_2D_uint8_float32", "test_qlinearmatmul_3D_int8_float16",
        "test_qlinearmatmul_3D_int8_float32", "test_qlinearmatmul_3D_uint8_float16", "test_qlinearmatmul_3D_uint8_float32",
        "test_quantizelinear", "test_quantizelinear_axis", "test_quantizelinear_blocked_asymmetric",
        "test_quantizelinear_blocked_symmetric", "test_quantizelinear_e4m3fn", "test_quantizelinear_e5m2",
        "test_quantizelinear_int16", "test_quantizelinear_int4", "test_quantizelinear_uint16", "test_quantizelinear_uint4");

    [Fact]
    public void Every_test_of_the_folder_is_listed() => Assert.Equal(
        Directory.GetDirectories(SharedFolder.Path("onnx-node-tests")).Select(Path.GetFileName).Order(StringComparer.Ordinal),
        Names.Select(n => n.Data).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_written_back_says_the_same(string name)
    {
        var path = SharedFolder.Path("onnx-node-tests", name, "model.onnx");
        var written = OnnxFile.ToBytes(OnnxFile.Read(path));
        Meaning.AssertSame(File.ReadAllBytes(path), written);
    }

    [Theory]
    [MemberData(nameof(Names))]
    public void A_model_written_back_computes_the_stored_outputs(string name)
    {
        var path = SharedFolder.Path("onnx-node-tests", name, "model.onnx");
        var model = OnnxFile.Read(path);
        var data = Path.Combine(Path.GetDirectoryName(path)!, "test_data_set_0");
        var inputs = model.Graph.Inputs
            .Select((input, i) => (Name: Wide(input), Tensor: NarrowTypes.Widen(Load(data, $"input_{i}.pb"))))
            .ToDictionary(i => i.Name, i => i.Tensor);
        var original = OnnxRuntime.Run(NarrowTypes.Widen(File.ReadAllBytes(path)), inputs);
        var written = OnnxRuntime.Run(NarrowTypes.Widen(OnnxFile.ToBytes(model)), inputs);
        for (var i = 0; i < model.Graph.Outputs.Length; i++)
        {
            var output = Wide(model.Graph.Outputs[i]);
            Assert.Equal(original[output].Bytes.ToArray(), written[output].Bytes.ToArray());
            var stored = NarrowTypes.Widen(Load(data, $"output_{i}.pb"));
            if (StoredOutputsWrapAround(name)) AssertEqualUnlessSaturated(stored, written[output]);
            else AssertClose(stored, written[output]);
        }
    }

    private static string Wide(Value value) => NarrowTypes.IsNarrow(value.Type) ? value.Name + "_wide" : value.Name;

    /// <summary>The standard says that results saturate; the numbers stored in these four tests wrap around instead.</summary>
    private static bool StoredOutputsWrapAround(string name) =>
        name.StartsWith("test_qlinearmatmul", StringComparison.Ordinal) && name.Contains("_int8_", StringComparison.Ordinal);

    private static void AssertEqualUnlessSaturated(Tensor stored, Tensor actual)
    {
        Assert.Equal(stored.Shape, actual.Shape);
        foreach (var (s, a) in stored.Span<sbyte>().ToArray().Zip(actual.Span<sbyte>().ToArray()))
            Assert.True(s == a || a is sbyte.MinValue or sbyte.MaxValue, $"{a} is not {s}");
    }

    private static Tensor Load(string folder, string file) =>
        TensorReader.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, file))),
            new ExternalDataReader());

    private static void AssertClose(Tensor expected, Tensor actual)
    {
        Assert.Equal((expected.Type, expected.Shape), (actual.Type, actual.Shape));
        if (expected.Type is not (ElementType.Float32 or ElementType.Float16))
        {
            Assert.Equal(expected.Bytes.ToArray(), actual.Bytes.ToArray());
            return;
        }
        foreach (var (e, a) in Floats(expected).Zip(Floats(actual)))
            Assert.True(Math.Abs(e - a) <= AbsoluteTolerance + RelativeTolerance * Math.Abs(e), $"{a} is not {e}");
    }

    private static double[] Floats(Tensor tensor) => tensor.Type == ElementType.Float16
        ? [.. MemoryMarshal.Cast<byte, Half>(tensor.Bytes.Span).ToArray().Select(h => (double)h)]
        : [.. tensor.Span<float>().ToArray().Select(f => (double)f)];
}
