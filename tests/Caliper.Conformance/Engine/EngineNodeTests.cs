using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Onnx.Schema;
using Caliper.Onnx;
using Caliper.Testing;

namespace Caliper.Conformance.Engine;

/// <summary>The ONNX standard's own tests of the quantization operators. Scales and zero points, which those tests feed, are
/// constants here: the engine plans with them.</summary>
public class EngineNodeTests
{
    [Theory]
    [InlineData("test_quantizelinear")]
    [InlineData("test_dequantizelinear")]
    [InlineData("test_quantizelinear_axis")]
    [InlineData("test_dequantizelinear_blocked")]
    [InlineData("test_dequantizelinear_axis")]
    [InlineData("test_qlinearconv")]
    [InlineData("test_qlinearmatmul_2D_uint8_float32")]
    [InlineData("test_qlinearmatmul_2D_uint8_float16")]
    [InlineData("test_qlinearmatmul_3D_uint8_float32")]
    [InlineData("test_qlinearmatmul_3D_uint8_float16")]
    [InlineData("test_qlinearmatmul_2D_int8_float32")]
    [InlineData("test_qlinearmatmul_2D_int8_float16")]
    [InlineData("test_qlinearmatmul_3D_int8_float32")]
    [InlineData("test_qlinearmatmul_3D_int8_float16")]
    [InlineData("test_convinteger_with_padding")]
    [InlineData("test_convinteger_without_padding")]
    [InlineData("test_matmulinteger")]
    [InlineData("test_dynamicquantizelinear")]
    [InlineData("test_dynamicquantizelinear_max_adjusted")]
    [InlineData("test_dynamicquantizelinear_min_adjusted")]
    public void An_operator_of_8_bits_gives_the_stored_outputs(string name)
    {
        var (model, feeds, expected) = Load(name);
        using var session = Int8Session.FromModel(model);
        var actual = session.Run(feeds)[model.Graph.Outputs[0].Name];
        Assert.Equal(expected.Shape, actual.Shape);
        if (expected.Type is ElementType.Int8)
        {
            // The numbers stored in these tests wrap around, where the standard says that results saturate.
            foreach (var (e, a) in expected.Span<sbyte>().ToArray().Zip(actual.Span<sbyte>().ToArray()))
                Assert.True(e == a || a is sbyte.MinValue or sbyte.MaxValue, $"{a} is not {e}");
        }
        else Comparison.AssertSame(expected, actual);
    }

    [Theory]
    [InlineData("test_quantizelinear_int16")]
    [InlineData("test_quantizelinear_int4")]
    [InlineData("test_quantizelinear_e4m3fn")]
    [InlineData("test_quantizelinear_blocked_symmetric")]
    [InlineData("test_dequantizelinear_int16")]
    [InlineData("test_dequantizelinear_e5m2")]
    public void What_is_not_of_static_8_bits_is_refused_in_one_sentence(string name)
    {
        var error = Assert.Throws<CaliperException>(() => Int8Session.FromModel(Load(name).Model));
        Assert.Contains("onnxruntime", error.Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("test_dequantizelinear_blocked")]
    [InlineData("test_dequantizelinear_e4m3fn")]
    [InlineData("test_dequantizelinear_e4m3fn_float16")]
    [InlineData("test_dequantizelinear_e4m3fn_zero_point")]
    [InlineData("test_dequantizelinear_e5m2")]
    [InlineData("test_dequantizelinear_int16")]
    [InlineData("test_dequantizelinear_int4")]
    [InlineData("test_dequantizelinear_uint16")]
    [InlineData("test_dequantizelinear_uint4")]
    [InlineData("test_dequantizelinear_axis")]
    public void Weights_of_any_stored_kind_are_dequantized_exactly(string name)
    {
        var (model, feeds, expected) = Load(name);
        var actual = StoredWeights.Of(model.Graph.Nodes[0], n => feeds.GetValueOrDefault(n) ?? model.Graph.Initializers[n]);
        Comparison.AssertSame(expected, actual);
    }

    private static (Model Model, Dictionary<string, Tensor> Feeds, Tensor Expected) Load(string name)
    {
        var folder = SharedFolder.Path("onnx-node-tests", name);
        var model = OnnxFile.Read(Path.Combine(folder, "model.onnx"));
        var data = Path.Combine(folder, "test_data_set_0");
        var tensors = model.Graph.Inputs.Select((input, i) => (input.Name, Tensor: Read(data, $"input_{i}.pb"))).ToArray();
        bool IsFed(string input) => model.Graph.Inputs[0].Name == input || (model.Graph.Nodes[0].OpType == "QLinearMatMul" && input == "b");
        var graph = new Graph(model.Graph.Name, [.. model.Graph.Inputs.Where(i => IsFed(i.Name))], model.Graph.Outputs, model.Graph.Nodes,
            tensors.Where(t => !IsFed(t.Name)).ToImmutableSortedDictionary(t => t.Name, t => t.Tensor, StringComparer.Ordinal));
        return (model with { Graph = graph }, tensors.Where(t => IsFed(t.Name)).ToDictionary(t => t.Name, t => t.Tensor), Read(data, "output_0.pb"));
    }

    private static Tensor Read(string folder, string file) =>
        TensorReader.Read(TensorProto.Parser.ParseFrom(File.ReadAllBytes(Path.Combine(folder, file))), new ExternalDataReader());
}
