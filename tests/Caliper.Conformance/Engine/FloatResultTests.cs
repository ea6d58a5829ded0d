using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>Operators whose result nobody quantizes: float, straight from the bytes or the sums.</summary>
public class FloatResultTests
{
    [Theory]
    [InlineData("Sigmoid", "sigmoid to float")]
    [InlineData("Tanh", "tanh to float")]
    [InlineData("HardSwish", "hardswish to float")]
    public void A_function_is_a_table_of_floats(string function, string kind)
    {
        var b = new QdqBuilder(3) { Opset = 14 };
        var x = b.Conv(b.Input(2, 3, 9, 10), 3, 5, 3, 1, 1);
        Check(b.BuildFloat(x, function), kind, 1e-6);
    }

    [Theory]
    [InlineData("GlobalAveragePool")]
    [InlineData("ReduceMean")]
    public void An_average_of_all_pixels_is_its_exact_sum(string operation)
    {
        var b = new QdqBuilder(4);
        var x = b.Conv(b.Input(2, 3, 9, 10), 3, 37, 3, 1, 1);
        Check(b.BuildFloat(x, operation, n => operation == "ReduceMean" ? n.With("axes", 2, 3).With("keepdims", 0) : n), "global average", 1e-5);
    }

    [Theory]
    [InlineData(new long[] { 3, 7, 33 }, new long[] { 3, 33, 20 })]
    [InlineData(new long[] { 2, 1, 5, 64 }, new long[] { 1, 3, 64, 5 })]
    public void ONNX_Runtimes_product_of_two_activations_to_float(long[] a, long[] b)
    {
        var builder = new QdqBuilder(7);
        var (x, y) = (builder.Input(a), builder.Input(b));
        Check(builder.BuildProductToFloat(x, y), "matrix", 1e-5);
    }

    private static void Check(Model model, string kind, double tolerance)
    {
        var feeds = Comparison.Feeds(model, 5);
        // Unoptimized, ONNX Runtime computes each node as the file has it.
        var expected = Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds, optimize: false);
        using var session = Int8Session.FromModel(model);
        Assert.Contains(session.Describe().Steps, s => s.Kind.StartsWith(kind, StringComparison.OrdinalIgnoreCase));
        foreach (var (name, actual) in session.Run(feeds))
        {
            Assert.Equal(expected[name].Shape, actual.Shape);
            foreach (var (e, g) in expected[name].Span<float>().ToArray().Zip(actual.Span<float>().ToArray())) Assert.Equal(e, g, tolerance);
        }
    }
}
