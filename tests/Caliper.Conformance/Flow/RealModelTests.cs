using Caliper.Conversion;
using Caliper.Evaluation;
using Caliper.Imaging;
using Caliper.Testing;

namespace Caliper.Conformance.Flow;

/// <summary>Real networks become int8 with no hand work, load under ONNX Runtime's strictest checks, and answer as before.</summary>
public class RealModelTests(ITestOutputHelper output)
{
    public static TheoryData<QuantizedFormat> Formats => [QuantizedFormat.Qdq, QuantizedFormat.QOperator];

    [Theory, MemberData(nameof(Formats))]
    public void SqueezeNet_keeps_its_answers(QuantizedFormat format)
    {
        using var model = FloatModel.Load(SharedFolder.Path("models", "squeezenet1_0.onnx"));
        var images = SharedFolder.Path("data", "imagenet-sample");
        var result = Quantize(model, images, Preprocessing.SqueezeNet1_0, calibrationBatches: 4, format, out var diagnostics);
        output.WriteLine($"{format}: float {result.Reference}; int8 {result.Candidate}; "
            + $"agreement {result.Agreement:F2} %, {result.Sqnr[0].Decibels:F2} dB");
        Assert.All(diagnostics, d => Assert.Equal("result", d.Code));
        Assert.True(result.Agreement > 85);
        Assert.True(result.Sqnr[0].Decibels > 25.1, "ONNX Runtime's own quantizer reaches 25.1 dB");
    }

    [Theory, MemberData(nameof(Formats))]
    public void UltraFace_of_opset_9_becomes_a_valid_int8_model(QuantizedFormat format)
    {
        using var model = FloatModel.Load(SharedFolder.Path("models", "ultraface-rfb-320.onnx"));
        var faces = SharedFolder.Path("data", "faces");
        var result = Quantize(model, faces, Preprocessing.UltraFace, calibrationBatches: 2, format, out var diagnostics);
        output.WriteLine($"{format}: {string.Join(", ", result.Sqnr.Select(s => $"{s.Output} {s.Decibels:F2} dB"))}");
        foreach (var diagnostic in diagnostics) output.WriteLine(diagnostic.ToString());
        Assert.All(result.Sqnr, s => Assert.True(s.Decibels > 20, s.Output));
    }

    private static ComparisonResult Quantize(FloatModel model, string data, Preprocessing preprocessing, int calibrationBatches,
        QuantizedFormat format, out IReadOnlyList<Diagnostic> diagnostics)
    {
        var loader = DataSource.Open(data, preprocessing, batchSize: calibrationBatches == 2 ? 8 : 32);
        using var prepared = model.Fuse().Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, loader, evalBatches: calibrationBatches);
        var path = Path.Combine(Path.GetTempPath(), $"{Guid.NewGuid():N}.onnx");
        try
        {
            using var converted = prepared.Convert(new ConvertOptions { Format = format });
            diagnostics = converted.Diagnostics;
            converted.Save(path);
            StrictOnnxRuntime.Load(path);
            using var quantized = QuantizedModel.Load(path);
            return ModelComparison.Compare(model, quantized, new CrossEntropyLoss(), loader);
        }
        finally
        {
            File.Delete(path);
        }
    }
}
