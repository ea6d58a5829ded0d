using Caliper.Observers;
using Caliper.Ranges;
using OwnObserver;

namespace Caliper.Tool.Tests;

/// <summary>samples/OwnObserver, an assembly that sees only what is public, named on the command line.</summary>
public sealed class PluginTests : IDisposable
{
    private readonly Sample _sample = new();
    private readonly Lazy<string> _model, _images;

    public PluginTests() => (_model, _images) = (new(() => _sample.Model()), new(() => _sample.Images()));

    private static string Assembly => Path.Combine(AppContext.BaseDirectory, "OwnObserver.dll");

    public void Dispose() => _sample.Dispose();

    [Theory]
    [InlineData("mean-minmax", nameof(MeanMinMaxObserver)), InlineData("sigma(3)", "StatisticsObserver"), InlineData("sigma", "StatisticsObserver")]
    [InlineData(nameof(MeanMinMaxObserver), nameof(MeanMinMaxObserver))]
    public void An_observer_or_range_method_of_users_quantizes_by_its_name(string name, string observer)
    {
        var own = Quantize("own.onnx", "--plugin", Assembly, "--observer", name);
        Assert.True(own.ExitCode == 0, own.Error);
        var spec = observer == nameof(MeanMinMaxObserver) ? new MeanMinMaxSpec() : ObserverSpec.Statistics(RangeMethod.Parse(name)) as ObserverSpec;
        Assert.Equal(observer, spec.Name);
        new QConfigMapping(QConfig.Default with { Activation = spec }).Save(_sample["own.json"]);
        // The same by way of a file, which can name what the command line brought along.
        Assert.Equal(0, Quantize("file.onnx", "--plugin", Assembly, "--qconfig", _sample["own.json"]).ExitCode);
        Assert.Equal(File.ReadAllBytes(_sample["own.onnx"]), File.ReadAllBytes(_sample["file.onnx"]));
        Assert.Equal(0, Quantize("minmax.onnx", "--observer", "minmax").ExitCode);
        Assert.NotEqual(File.ReadAllBytes(_sample["own.onnx"]), File.ReadAllBytes(_sample["minmax.onnx"]));
    }

    [Fact]
    public void A_range_method_of_users_needs_statistics_only()
    {
        Assert.Equal(0, ToolRun.Of("calibrate", _sample.Model(), "--data", _sample.Images(), "-o", _sample["s.calib"]).ExitCode);
        var run = ToolRun.Of("quantize", _sample.Model(), "-o", _sample["s.onnx"], "--calibration", _sample["s.calib"],
            "--plugin", Assembly, "--observer", "sigma(3)");
        Assert.True(run.ExitCode == 0, run.Error);
        ToolRun.Of("quantize", _sample.Model(), "-o", _sample["t.onnx"], "--calibration", _sample["s.calib"],
            "--plugin", Assembly, "--observer", "mean-minmax").AssertFailed("MeanMinMaxObserver", "cannot be computed from statistics");
    }

    [Fact]
    public void What_is_no_plugin_is_refused_in_one_line()
    {
        Quantize("out.onnx", "--plugin", _sample["none.dll"]).AssertFailed("There is no plugin", "none.dll");
        File.WriteAllText(_sample["text.dll"], "no assembly");
        Quantize("out.onnx", "--plugin", _sample["text.dll"]).AssertFailed("text.dll", "cannot be loaded");
        Quantize("out.onnx", "--plugin", typeof(CsCheck.Gen).Assembly.Location).AssertFailed("holds no public ObserverSpec");
        Assert.False(File.Exists(_sample["out.onnx"]));
    }

    private ToolRun Quantize(string output, params string[] args) =>
        ToolRun.Of(["quantize", _model.Value, "-o", _sample[output], "--data", _images.Value, "--fast", "--batch-size", "8", "--overwrite",
            .. args]);
}
