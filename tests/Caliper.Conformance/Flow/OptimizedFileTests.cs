using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Operators;
using Caliper.Testing;
using Microsoft.ML.OnnxRuntime;

namespace Caliper.Conformance.Flow;

/// <summary>A trained network that ONNX Runtime saved after its optimizations is quantized as the network that it was made of.</summary>
public sealed class OptimizedFileTests : IDisposable
{
    private const double FloatDecibels = 70;

    private readonly string _file = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");

    public void Dispose() => File.Delete(_file);

    [Theory]
    [InlineData("ch_PP-OCRv4_rec_infer")]
    [InlineData("fr_liveness")]
    [InlineData("gtcrn_simple")]
    [InlineData("hey_jarvis_v0.1")]
    [InlineData("minilm_layer0")]
    [InlineData("pan_mnv3s")]
    [InlineData("yolox_nano")]
    public void It_has_as_many_products_of_integers_and_computes_the_same(string name)
    {
        var path = SharedFolder.Path("zoo", name, "model.onnx");
        Save(path, GraphOptimizationLevel.ORT_ENABLE_EXTENDED);
        using var original = FloatModel.Load(path);
        using var optimized = FloatModel.Load(_file);
        Assert.NotEqual(original.Model.Graph.Nodes.Length, optimized.Model.Graph.Nodes.Length);
        using var fused = optimized.Fuse();
        Assert.DoesNotContain(fused.Model.Graph.Nodes, n => n.Domain == "com.microsoft" && n.OpType is not "Gelu");
        using var before = original.Fuse();
        Assert.Equal(IntegerProducts(before), IntegerProducts(fused));
        Assert.Equal(before.Layers.Count(l => l.Kind == "LayerNorm"), fused.Layers.Count(l => l.Kind == "LayerNorm"));

        var data = ArrayLoader.Open(SharedFolder.Path("zoo", name, "test.npz"), batchSize: 1).Take(2);
        Assert.All(ModelComparison.Compare(original, fused, null, data).Sqnr,
            s => Assert.InRange(s.Decibels, FloatDecibels, double.PositiveInfinity));
    }

    [Fact]
    public void One_in_the_layout_of_a_single_processor_is_said_to_be_that()
    {
        Save(SharedFolder.Path("zoo", "yolox_nano", "model.onnx"), GraphOptimizationLevel.ORT_ENABLE_ALL);
        using var model = FloatModel.Load(_file);
        Assert.SkipUnless(model.Model.Graph.Nodes.Any(n => n.Domain == "com.microsoft.nchwc"), "ONNX Runtime has no such layout on this processor.");
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        Assert.Contains(prepared.Plan.Diagnostics, d => d.Message.Contains("for one processor", StringComparison.Ordinal));
    }

    private static int IntegerProducts(FusedModel fused)
    {
        using var prepared = fused.Prepare(QConfig.Default);
        return prepared.Plan.Layers.Count(l => l is { IsInteger: true, Role: OperatorRole.Linear });
    }

    private void Save(string path, GraphOptimizationLevel level)
    {
        using var options = new SessionOptions
        {
            GraphOptimizationLevel = level,
            OptimizedModelFilePath = _file,
            LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL,
        };
        using var session = new InferenceSession(path, options);
    }
}
