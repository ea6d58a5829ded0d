namespace Caliper.Tool.Tests;

public sealed class EvaluateTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void A_float_model_has_accuracy_size_and_latency()
    {
        var json = ToolRun.Of("evaluate", _sample.Model(), "--data", _sample.ImagesLabelledBy(_sample["model.onnx"]), "--format", "json").Json;
        Assert.Equal(100, json.GetProperty("acc1").GetDouble());
        Assert.Equal(32, json.GetProperty("evaluation").GetProperty("samples").GetInt32());
        Assert.True(json.GetProperty("latencyMilliseconds").GetDouble() > 0);
        Assert.Equal(new FileInfo(_sample["model.onnx"]).Length, json.GetProperty("sizeBytes").GetInt64());
    }

    [Fact]
    public void An_int8_model_is_evaluated_like_a_float_one()
    {
        var images = _sample.ImagesLabelledBy(_sample.Model());
        Assert.Equal(0, ToolRun.Of("quantize", _sample["model.onnx"], "--data", images, "-o", _sample["int8.onnx"]).ExitCode);
        var run = ToolRun.Of("evaluate", _sample["int8.onnx"], "--data", images);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("Acc@1", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_comparison_has_the_fields_of_quantize()
    {
        var images = _sample.ImagesLabelledBy(_sample.Model());
        Assert.Equal(0, ToolRun.Of("quantize", _sample["model.onnx"], "--data", images, "-o", _sample["int8.onnx"]).ExitCode);
        var json = ToolRun.Of("evaluate", _sample["int8.onnx"], "--against", _sample["model.onnx"], "--data", images, "--format", "json").Json;
        Assert.Equal(_sample["model.onnx"], json.GetProperty("model").GetString());
        Assert.Equal(_sample["int8.onnx"], json.GetProperty("output").GetString());
        Assert.Equal(100, json.GetProperty("float").GetProperty("acc1").GetDouble());
        Assert.InRange(json.GetProperty("int8").GetProperty("acc1").GetDouble(), 50, 100);
        foreach (var field in new[] { "agreement", "sqnrDecibels", "sizeBytes", "latencyMilliseconds", "stages", "peakMemoryBytes", "diagnostics" })
            Assert.True(json.TryGetProperty(field, out _), field);
    }

    [Fact]
    public void A_model_against_itself_is_identical_and_still_valid_json()
    {
        var model = _sample.Model();
        var run = ToolRun.Of("evaluate", model, "--against", model, "--data", _sample.Images(), "--format", "json");
        Assert.Equal(100, run.Json.GetProperty("agreement").GetDouble());
        Assert.Empty(run.Json.GetProperty("sqnrDecibels").EnumerateObject());
        var text = ToolRun.Of("evaluate", model, "--against", model, "--data", _sample["images"]);
        Assert.Contains("identical", text.Output, StringComparison.Ordinal);
    }

    /// <summary>A gate would take what is lost for what is won.</summary>
    [Fact]
    public void An_int8_model_is_not_what_a_float_one_is_held_against()
    {
        var (model, images) = (_sample.Model(), _sample.Images());
        ToolRun.Of("quantize", model, "--data", images, "-o", _sample["int8.onnx"], "--fast");
        ToolRun.Of("evaluate", model, "--against", _sample["int8.onnx"], "--data", images, "--max-accuracy-drop", "0.5")
            .AssertFailed("int8.onnx' is int8 and '", "exchange the two");
    }

    /// <summary>24 samples are few: that none changes does not show that nothing is lost.</summary>
    [Fact]
    public void Few_samples_are_said_to_be_few()
    {
        var (model, images) = (_sample.Model(), _sample.Images());
        string[] line = ["evaluate", model, "--against", model, "--data", images];
        var change = ToolRun.Of([.. line, "--format", "json"]).Json.GetProperty("accuracyChange");
        Assert.Equal((24, 0, 0, 1.0), (change.GetProperty("samples").GetInt32(), change.GetProperty("lost").GetInt32(),
            change.GetProperty("gained").GetInt32(), change.GetProperty("pValue").GetDouble()));
        Assert.False(change.GetProperty("isTold").GetBoolean());
        Assert.True(change.GetProperty("upper").GetDouble() > 10);
        var text = ToolRun.Of([.. line, "--max-accuracy-drop", "1"]).Output;
        Assert.Contains("Acc@1: Of 24 samples 0 are right only before, 0 only after", text, StringComparison.Ordinal);
        Assert.Contains("cannot tell whether accuracy changes. To tell a loss of 1 points, about ", text, StringComparison.Ordinal);
        Assert.Contains("86.20 to 100.00 %", text, StringComparison.Ordinal);
    }

    /// <summary>An image of 16-bit grey whose levels are all 256: what was trained on such may have seen them scaled to 8 bits.</summary>
    [Fact]
    public void Every_command_that_reads_images_names_those_whose_grey_was_cut_off()
    {
        var (model, images, int8) = (_sample.Model(), _sample.UnlabelledImages(4), _sample["int8.onnx"]);
        File.WriteAllBytes(Path.Combine(images, "deep.png"), Convert.FromBase64String(
            "iVBORw0KGgoAAAANSUhEUgAAAAgAAAAIEAAAAACx9D0UAAAAEElEQVR42mNgZECFDAMjAAARqABBqtEJCAAAAABJRU5ErkJggg=="));
        foreach (var line in (string[][])[
            ["calibrate", model, "--data", images, "-o", _sample["m.calib"]],
            ["quantize", model, "--data", images, "-o", int8, "--fast"],
            ["quantize", model, "--calibration", _sample["m.calib"], "--test-data", images, "-o", _sample["tested.onnx"], "--fast"],
            ["quantize", model, "--dynamic", "--test-data", images, "-o", _sample["dynamic.onnx"]],
            ["evaluate", model, "--data", images],
            ["evaluate", int8, "--against", model, "--data", images],
            ["compare", model, int8, "--data", images, "--sensitivity-samples", "0"]])
        {
            var told = ToolRun.Of([.. line, "--format", "json"]).Json.GetProperty("diagnostics").EnumerateArray();
            var cut = Assert.Single(told, d => d.GetProperty("code").GetString() == "cut-off-grey");
            Assert.Equal("deep.png", cut.GetProperty("place").GetString());
        }
    }

    [Fact]
    public void Data_beyond_the_calibrated_ranges_raise_an_alarm_that_names_the_input()
    {
        var (model, images, int8) = (_sample.Model(), _sample.Images(8), _sample["int8.onnx"]);
        Assert.Equal(0, ToolRun.Of("quantize", model, "--data", images, "--fast", "-o", int8, "--scale", "1/255").ExitCode);
        Assert.Equal(0, ToolRun.Of("calibrate", model, "--data", images, "-o", _sample["m.calib"], "--scale", "1/255").ExitCode);
        string[] line = ["evaluate", int8, "--against", model, "--data", _sample.Images(8, "others"), "--calibration", _sample["m.calib"], "--scale"];
        var usual = ToolRun.Of([.. line, "1/255", "--format", "json"]).Json.GetProperty("ranges");
        Assert.True(usual.GetProperty("isInside").GetBoolean());
        var bright = ToolRun.Of([.. line, "2/255", "--format", "json"]).Json.GetProperty("ranges");
        Assert.Equal((false, 48, 48), (bright.GetProperty("isInside").GetBoolean(), bright.GetProperty("samples").GetInt32(),
            bright.GetProperty("calibrationSamples").GetInt32()));
        Assert.True(bright.GetProperty("sites")[0].GetProperty("isOutside").GetBoolean());
        Assert.Contains("places: input 'input': ", ToolRun.Of([.. line, "2/255"]).Output, StringComparison.Ordinal);
        Assert.DoesNotContain("calibrated ranges", ToolRun.Of([.. line, "1/255"]).Output, StringComparison.Ordinal);
        ToolRun.Of("evaluate", int8, "--data", images, "--calibration", _sample["m.calib"]).AssertUsageError("--calibration needs --against");
        ToolRun.Of("evaluate", model, "--against", model, "--data", images, "--calibration", _sample["m.calib"])
            .AssertFailed("--calibration judges an int8 model's ranges");
    }

    [Fact]
    public void Another_model_misses_the_gate()
    {
        var images = _sample.ImagesLabelledBy(_sample.Model());
        var run = ToolRun.Of("evaluate", _sample.Model("other.onnx"), "--against", _sample["model.onnx"], "--data", images,
            "--max-accuracy-drop", "0.5");
        Assert.True(run.ExitCode == 3, run.Error);
    }

    [Fact]
    public void Batches_take_samples_evenly_spaced()
    {
        var json = ToolRun.Of("evaluate", _sample.Model(), "--data", _sample.Images(), "--batches", "2", "--batch-size", "5",
            "--format", "json").Json;
        Assert.Equal(10, json.GetProperty("evaluation").GetProperty("samples").GetInt32());
    }

    [Fact]
    public void Without_labels_it_says_that_accuracy_is_not_measured() => Assert.Contains("Accuracy is not measured",
        ToolRun.Of("evaluate", _sample.Model(), "--data", _sample.UnlabelledImages()).Output, StringComparison.Ordinal);

    [Fact]
    public void Models_with_different_outputs_are_not_compared() => ToolRun.Of("evaluate", _sample.Model("a.onnx", givesScores: false),
        "--against", _sample.Model(), "--data", _sample.Images()).AssertFailed("cannot be compared");
}
