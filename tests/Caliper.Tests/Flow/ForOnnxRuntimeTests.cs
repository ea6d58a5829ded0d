using Caliper.Calibration;
using Caliper.Conversion;
using Caliper.Evaluation.Tests;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Search;
using Microsoft.ML.OnnxRuntime;

namespace Caliper.Tests.Flow;

/// <summary>A network that was searched for ONNX Runtime holds what that computes in integers, and nothing that it would emulate in float.</summary>
public class ForOnnxRuntimeTests
{
    [Theory]
    [InlineData(false, QuantizedFormat.Qdq)]
    [InlineData(false, QuantizedFormat.QOperator)]
    [InlineData(true, QuantizedFormat.Qdq)]
    [InlineData(true, QuantizedFormat.QOperator)]
    public void What_it_runs_has_integer_products_and_nothing_of_16_bits(bool isText, QuantizedFormat format)
    {
        using var model = isText ? Encoders.Text() : Encoders.Vision();
        using var quantized = Searched(model, isText, format);
        Assert.DoesNotContain(quantized.Model.Graph.Initializers.Values, t => t.Type is ElementType.UInt16 or ElementType.Int16);

        var graph = Optimized(quantized);
        // A node for each product by weights, but for those that 15 % of the multiply-adds paid for; no weights that each run makes float again.
        var products = graph.Nodes.Where(n => n.OpType is "MatMulIntegerToFloat" or "QLinearMatMul" or "QGemm" or "QLinearConv").ToArray();
        var floats = model.Model.Graph;
        var layers = floats.Nodes.Count(n => n.OpType is "MatMul" or "Gemm" or "Conv" && floats.Constant(n.Inputs[1]) is not null);
        Assert.True(products.Length >= 0.7 * layers, $"{products.Length} integer products of {layers} layers");
        // Of a convolution with a float result ONNX Runtime has no integer form at all.
        Assert.DoesNotContain(graph.Nodes, n => n.Is("DequantizeLinear") && graph.Constant(n.Inputs[0]) is { Type: ElementType.Int8 }
            && graph.ConsumersOf(n.Output).Any(r => !r.Is("Conv")));

        var inputs = isText ? Encoders.Sentences(3, 21, 2) : Encoders.Images(3, 2);
        using var there = On(quantized, OnnxRuntimeBackend.Instance);
        Assert.True(Closeness.Decibels(model.Run(inputs)["y"], there.Run(inputs)["y"]) >= 25);
        using var engine = On(quantized, CaliperBackend.Instance);
        Assert.True(Closeness.Decibels(there.Run(inputs)["y"], engine.Run(inputs)["y"]) >= 40);
    }

    private static QuantizedModel Searched(FloatModel model, bool isText, QuantizedFormat format)
    {
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(Encoders.Data(isText));
        prepared.Load(calibrator.Statistics);
        // So that something is widened whatever 8 bits leave, but within the limits, which so small a network would not have.
        var options = SearchOptions.For(Int8Runtime.OnnxRuntime) with { Aim = 60, MostWork = 0.3 };
        var found = RecipeSearch.Find(prepared, Encoders.Data(isText), options);
        Assert.Contains(found.Recipe.Activations.Values, c => c.ProductBits == 32);
        Assert.DoesNotContain(found.Recipe.Activations.Values, c => c.ProductBits == 16);
        return prepared.Convert(found.Complete(new ConvertOptions { Format = format }));
    }

    /// <summary>The graph as ONNX Runtime runs it.</summary>
    private static Graph Optimized(QuantizedModel quantized)
    {
        using var folder = new TemporaryFolder();
        var path = folder.At("optimized.onnx");
        using (var options = new SessionOptions
        {
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
            GraphOptimizationLevel = GraphOptimizationLevel.ORT_ENABLE_EXTENDED,
            OptimizedModelFilePath = path,
        })
        using (new InferenceSession(OnnxFile.ToBytes(quantized.Model), options)) { }
        return OnnxFile.Read(path).Graph;
    }

    private static QuantizedModel On(QuantizedModel quantized, IExecutionBackend backend) =>
        new(quantized.Model, [], new ExecutionOptions { Int8Backend = backend });
}
