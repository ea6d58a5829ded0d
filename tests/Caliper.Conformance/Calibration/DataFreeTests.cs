using Caliper.Data;
using Caliper.DataFree;
using Caliper.Evaluation;
using Caliper.Imaging;
using Caliper.Search;
using Caliper.Testing;
using Caliper.Tool.Demo;
using Caliper.Torch;
using Caliper.Conformance.Docs;

namespace Caliper.Conformance.Calibration;

/// <summary>Trained networks that become int8 without any data lose at most a point against those that data calibrated.</summary>
public class DataFreeTests
{
    private const double MostPoints = 1.0;

    [Fact]
    public void ResNet20_is_within_a_point_of_what_data_calibrates()
    {
        using var model = TorchModel.Load(SharedFolder.Path("models", "resnet20-12fca82f.th"), "resnet20");
        var pixels = Preprocessing.Cifar10;
        float[] Ends(double level) => [.. pixels.Mean.Zip(pixels.Std, (mean, std) => (float)((level - mean) / std))];
        WithinAPoint(model, InputValues.Between([.. Ends(0)], [.. Ends(1)]),
            () => DataSource.Open(SharedFolder.Path("data", "cifar10", "calibration"), pixels, 32),
            () => DataSource.Open(SharedFolder.Path("data", "cifar10", "test"), pixels, 50));
    }

    [Fact]
    public void The_glyphs_are_within_a_point_of_what_data_calibrates()
    {
        var folder = Directory.CreateTempSubdirectory("caliper-glyphs-");
        try
        {
            using var model = TorchModel.Load(RepositoryFolder.Path("samples", "glyphs", "glyphs.pth"), "glyphs");
            foreach (var part in new[] { "calibration", "test" })
                GlyphSheet.Read($"glyphs.{part}.png").Save(Path.Combine(folder.FullName, part), CancellationToken.None);
            var pixels = new Preprocessing { Mean = [0.5f], Std = [0.5f] };
            WithinAPoint(model, InputValues.Between([-1], [1]), () => DataSource.Open(Path.Combine(folder.FullName, "calibration"), pixels, 32),
                () => DataSource.Open(Path.Combine(folder.FullName, "test"), pixels, 50));
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    [Fact]
    public void A_transformer_is_refused_with_the_reason()
    {
        using var model = FloatModel.Load(SharedFolder.Path("zoo", "minilm_layer0", "model.onnx"));
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var error = Assert.Throws<CaliperException>(() => DataFreeCalibration.Of(prepared));
        Assert.Contains("nothing tells the range of", error.Message, StringComparison.Ordinal);
        Assert.Contains("no batch norm", error.Message, StringComparison.Ordinal);
    }

    private static void WithinAPoint(FloatModel model, InputValues inputs, Func<ILoader> calibration, Func<ILoader> test)
    {
        using var fused = model.Fuse();
        using var seen = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(seen, null, calibration(), 32);
        using var calibrated = seen.Convert();
        using var prepared = fused.Prepare(QConfig.Default);
        using var equalized = RecipeSearch.Equalized(prepared, DataFreeCalibration.Of(prepared, inputs));
        var told = equalized ?? prepared;
        told.Load(DataFreeCalibration.Of(told, inputs));
        using var dataFree = told.Convert();
        var (expected, actual) = (AccuracyOf(calibrated), AccuracyOf(dataFree));
        Assert.True(actual >= expected - MostPoints, $"{actual:F2} % without data, {expected:F2} % with");

        double AccuracyOf(QuantizedModel quantized) => Evaluator.Evaluate(quantized, new CrossEntropyLoss(), test()).Acc1!.Value;
    }
}
