using System.Text.Json;
using Caliper.Graphs;
using Caliper.Observers;
using Caliper.Onnx;

namespace Caliper.Tool.Tests;

public sealed class QuantizeTests : IDisposable
{
    private readonly Sample _sample = new();

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void It_says_whether_more_data_would_help()
    {
        var few = ToolRun.Of("quantize", _sample.Model(), "--data", _sample.Array(8), "-o", _sample["few.onnx"]);
        Assert.Contains("8 samples are too few to tell whether more would change the ranges; give 16 or more.", few.Output, StringComparison.Ordinal);
        var data = _sample.Array(256, "many.npy");
        var many = ToolRun.Of("quantize", _sample["model.onnx"], "--data", data, "-o", _sample["many.onnx"], "--format", "json");
        var isStable = many.Json.GetProperty("convergence").GetProperty("isStable").GetBoolean();
        var text = ToolRun.Of("quantize", _sample["model.onnx"], "--data", _sample["many.npy"], "-o", _sample["many.onnx"], "--overwrite").Output;
        Assert.Contains(isStable ? "More data of this kind would hardly change the ranges: half of the 256 samples"
            : "More data of this kind would help: after 256 samples the ranges of ", text, StringComparison.Ordinal);
    }

    [Fact]
    public void The_result_is_one_table_and_a_file()
    {
        var run = Quantize("--data", _sample.Images());
        Assert.True(run.ExitCode == 0, run.Error);
        foreach (var row in new[] { "Acc@1", "Acc@5", "Loss", "Size", "Latency", "Agreement", "SQNR scores" })
            Assert.Contains(row, run.Output, StringComparison.Ordinal);
        Assert.Contains("the same that calibrated", run.Output, StringComparison.Ordinal);
        Assert.True(File.Exists(_sample["out.onnx"]));
        Assert.DoesNotContain('\e', run.Output + run.Error);
    }

    [Fact]
    public void Progress_goes_to_stderr_one_line_a_stage()
    {
        var run = Quantize("--data", _sample.Images());
        string[] stages =
            ["load", "fuse", "prepare", "calibrate", "equalize", "recalibrate", "search", "convert", "evaluate", "latency", "judge", "save"];
        Assert.Equal(stages, run.Error.Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(l => l.Split(':')[0]));
        Assert.Contains("24 samples", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void What_cannot_be_evaluated_leaves_no_file_behind()
    {
        var test = _sample.Images(1, "test");
        var stranger = Directory.CreateDirectory(Path.Combine(test, "zz")).FullName;
        File.Copy(Directory.GetFiles(test, "*", SearchOption.AllDirectories)[0], Path.Combine(stranger, "1.bmp"));
        var run = Quantize("--data", _sample.Images(8), "--test-data", test, "--report", _sample["page.html"]);
        Assert.Equal(1, run.ExitCode);
        Assert.Contains("is no class", run.Error, StringComparison.Ordinal);
        Assert.False(File.Exists(_sample["out.onnx"]) || File.Exists(_sample["page.html"]));
    }

    [Fact]
    public void For_ONNX_Runtime_what_needs_more_than_8_bits_is_float()
    {
        string[] more = ["--data", _sample.Images(), "--target", "60", "--overwrite", "--format", "json", "--save-recipe", _sample["r.json"]];
        Assert.Equal(0, Quantize([.. more, "--for", "onnxruntime"]).ExitCode);
        var recipe = File.ReadAllText(_sample["r.json"]);
        Assert.Contains("\"bits\": 32", recipe, StringComparison.Ordinal);
        Assert.DoesNotContain(OnnxFile.Read(_sample["out.onnx"]).Graph.Initializers.Values, t => t.Type is ElementType.UInt16);
        Assert.Equal(0, Quantize(more).ExitCode);
        Assert.NotEqual(recipe, File.ReadAllText(_sample["r.json"]));
    }

    [Fact]
    public void A_recipe_that_was_found_gives_the_same_bytes_again()
    {
        var images = _sample.Images();
        var found = Quantize("--data", images, "--save-recipe", _sample["r.json"], "--target", "60", "--format", "json").Json;
        Assert.True(found.GetProperty("search").GetProperty("chosen").GetProperty("places").GetInt32() > 0);
        var first = File.ReadAllBytes(_sample["out.onnx"]);
        Assert.Equal(0, Quantize("--data", images, "--recipe", _sample["r.json"], "--overwrite").ExitCode);
        Assert.Equal(first, File.ReadAllBytes(_sample["out.onnx"]));

        var fast = Quantize("--data", images, "--fast", "--overwrite", "--format", "json").Json;
        Assert.False(fast.TryGetProperty("search", out _));
        Assert.NotEqual(first, File.ReadAllBytes(_sample["out.onnx"]));
        Assert.True(SqnrOf(found) > SqnrOf(fast) + 3, $"{SqnrOf(found)} dB, {SqnrOf(fast)} dB without");

        static double SqnrOf(System.Text.Json.JsonElement report) => report.GetProperty("sqnrDecibels").EnumerateObject().First().Value.GetDouble();
    }

    [Fact]
    public void A_recipe_that_does_not_fit_is_told_and_nothing_is_written()
    {
        File.WriteAllText(_sample["r.json"], """{"activations": {"stranger": {"bits": 16}}}""");
        Quantize("--data", _sample.Images(), "--recipe", _sample["r.json"]).AssertFailed("'stranger'");
        File.WriteAllText(_sample["r.json"], """{"activations": {"x": {"bits": 7}}}""");
        Quantize("--data", _sample.Images(), "--recipe", _sample["r.json"]).AssertFailed("\"bits\" must be 8, 16 or 32, not 7");
        Assert.False(File.Exists(_sample["out.onnx"]));
    }

    [Theory]
    [InlineData("takes the place of --data and --calibration", "--data", "images")]
    [InlineData("takes the place of --data and --calibration", "--calibration", "m.calib")]
    [InlineData("--batches has no use with --no-data", "--batches", "4")]
    [InlineData("need --data", "--target", "30")]
    [InlineData("--report needs --data or --test-data", "--report", "page.html")]
    public void Without_data_there_are_no_options_of_data(string message, params string[] args)
    {
        var run = Quantize(["--no-data", .. args]);
        Assert.Equal(2, run.ExitCode);
        Assert.Contains(message, run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_data_a_network_without_batch_norms_is_refused_and_nothing_is_written()
    {
        Quantize("--no-data").AssertFailed("nothing tells the range of 'relu.out'");
        Assert.False(File.Exists(_sample["out.onnx"]));
        // What nothing tells of may stay float.
        Assert.Equal(0, Quantize("--no-data", "--allow-unobserved").ExitCode);
    }

    [Fact]
    public void Without_data_a_network_with_batch_norms_is_told_what_it_will_lose()
    {
        Assert.Equal(0, ToolRun.Of("demo", "-o", _sample["glyphs"]).ExitCode);
        string[] line = ["quantize", _sample["glyphs/glyphs.onnx"], "--no-data", "--mean", "0.5", "--std", "0.5", "-o", _sample["free.onnx"]];
        var text = ToolRun.Of(line).Output;
        Assert.Contains("Calibrated without data", text, StringComparison.Ordinal);
        Assert.Contains("Predicted for output: SQNR about", text, StringComparison.Ordinal);
        var json = ToolRun.Of([.. line, "--overwrite", "--test-data", _sample["glyphs/test"],
            "--report", _sample["free.html"], "--format", "json"]).Json;
        var predicted = json.GetProperty("dataFree").GetProperty("predictedSqnrDecibels").GetProperty("output").GetDouble();
        var measured = json.GetProperty("sqnrDecibels").GetProperty("output").GetDouble();
        Assert.InRange(predicted, measured - 10, measured + 10);
        Assert.False(json.TryGetProperty("calibration", out _));
        Assert.Contains("</html>", File.ReadAllText(_sample["free.html"]), StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("searches nothing", "--fast", "--target", "30")]
    [InlineData("result of a search", "--recipe", "r.json", "--target", "30")]
    [InlineData("takes decibels", "--target", "much")]
    public void Options_of_a_search_that_contradict_each_other_are_refused(string message, params string[] args) =>
        Assert.Contains(message, Quantize(["--data", "images", .. args]).Error, StringComparison.Ordinal);

    [Fact]
    public void Without_progress_stderr_is_empty() => Assert.Empty(Quantize("--data", _sample.Images(), "--no-progress").Error);

    [Fact]
    public void Json_has_every_documented_field()
    {
        var json = Quantize("--data", _sample.Images(), "--format", "json").Json;
        Assert.Equal(_sample["model.onnx"], json.GetProperty("model").GetString());
        Assert.Equal(_sample["out.onnx"], json.GetProperty("output").GetString());
        foreach (var side in new[] { "float", "int8" })
        {
            Assert.InRange(json.GetProperty(side).GetProperty("acc1").GetDouble(), 0, 100);
            Assert.InRange(json.GetProperty(side).GetProperty("acc5").GetDouble(), 0, 100);
            Assert.True(json.GetProperty(side).GetProperty("loss").GetDouble() > 0);
            Assert.True(json.GetProperty("latencyMilliseconds").GetProperty(side).GetDouble() > 0);
        }
        Assert.InRange(json.GetProperty("agreement").GetDouble(), 1, 100);
        Assert.InRange(json.GetProperty("sqnrDecibels").GetProperty("scores").GetDouble(), 10, 100);
        Assert.Equal(new FileInfo(_sample["model.onnx"]).Length, json.GetProperty("sizeBytes").GetProperty("float").GetInt64());
        Assert.Equal(new FileInfo(_sample["out.onnx"]).Length, json.GetProperty("sizeBytes").GetProperty("int8").GetInt64());
        foreach (var stage in new[] { "load", "fuse", "prepare", "calibrate", "convert", "save", "evaluate", "latency" })
            Assert.True(json.GetProperty("stages").GetProperty(stage).GetDouble() >= 0);
        Assert.True(json.GetProperty("peakMemoryBytes").GetInt64() > 1_000_000);
        Assert.Equal(JsonValueKind.Array, json.GetProperty("diagnostics").ValueKind);
        Assert.Equal(24, json.GetProperty("calibration").GetProperty("samples").GetInt32());
    }

    [Fact]
    public void Without_labels_accuracy_is_absent_and_agreement_remains()
    {
        var json = Quantize("--data", _sample.UnlabelledImages(), "--format", "json").Json;
        Assert.False(json.TryGetProperty("float", out _));
        Assert.False(json.TryGetProperty("int8", out _));
        Assert.InRange(json.GetProperty("agreement").GetDouble(), 1, 100);
        Assert.True(json.GetProperty("sqnrDecibels").TryGetProperty("scores", out _));
    }

    [Fact]
    public void Without_class_scores_there_is_noise_but_no_agreement()
    {
        _sample.Model("model.onnx", givesScores: false);
        var json = ToolRun.Of("quantize", _sample["model.onnx"], "-o", _sample["out.onnx"], "--data", _sample.UnlabelledImages(),
            "--format", "json").Json;
        Assert.False(json.TryGetProperty("agreement", out _));
        Assert.True(json.GetProperty("sqnrDecibels").GetProperty("relu.out").GetDouble() > 10);
    }

    [Fact]
    public void Batches_limit_calibration_and_test_data_is_evaluated_whole()
    {
        var json = Quantize("--data", _sample.Images(8), "--test-data", _sample.Images(3, "test"), "--batches", "2", "--batch-size", "4",
            "--format", "json").Json;
        Assert.Equal(8, json.GetProperty("calibration").GetProperty("samples").GetInt32());
        Assert.Equal(18, json.GetProperty("evaluation").GetProperty("samples").GetInt32());
        Assert.Equal(_sample["test"], json.GetProperty("evaluation").GetProperty("data").GetString());
    }

    [Fact]
    public void The_same_options_give_the_same_bytes()
    {
        var images = _sample.Images();
        Assert.Equal(0, Quantize("--data", images, "--threads", "1").ExitCode);
        var first = File.ReadAllBytes(_sample["out.onnx"]);
        Assert.Equal(0, Quantize("--data", images, "--threads", "2", "--overwrite").ExitCode);
        Assert.Equal(first, File.ReadAllBytes(_sample["out.onnx"]));
    }

    [Theory]
    [InlineData("qdq", "DequantizeLinear")]
    [InlineData("qoperator", "QLinearConv")]
    public void The_form_of_the_file_can_be_chosen(string form, string operation)
    {
        Assert.Equal(0, Quantize("--data", _sample.Images(), "--onnx-form", form).ExitCode);
        Assert.Contains(Onnx.OnnxFile.Read(_sample["out.onnx"]).Graph.Nodes, n => n.OpType == operation);
    }

    [Fact]
    public void Excluded_layers_stay_float_and_say_so()
    {
        var json = Quantize("--data", _sample.Images(), "--exclude", "fc*", "--exclude", "flatten", "--format", "json").Json;
        var diagnostic = Assert.Single(json.GetProperty("diagnostics").EnumerateArray(), d => d.GetProperty("place").GetString() == "fc");
        foreach (var field in new[] { "code", "message", "advice" }) Assert.NotEmpty(diagnostic.GetProperty(field).GetString()!);
        Assert.Equal(2, json.GetProperty("layers").GetProperty("float").GetInt32());
    }

    [Fact]
    public void A_pattern_that_matches_nothing_is_an_error() =>
        Quantize("--data", _sample.Images(), "--exclude", "layer9.*").AssertFailed("'layer9.*'");

    [Fact]
    public void The_observer_of_activations_can_be_replaced()
    {
        var images = _sample.Images();
        Assert.Equal(0, Quantize("--data", images).ExitCode);
        var histogram = File.ReadAllBytes(_sample["out.onnx"]);
        Assert.Equal(0, Quantize("--data", images, "--observer", "moving-average", "--overwrite").ExitCode);
        Assert.NotEqual(histogram, File.ReadAllBytes(_sample["out.onnx"]));
    }

    [Theory]
    [InlineData("--qconfig", "fbgem", "qnnpack")]
    [InlineData("--observer", "entropie", "minmax, moving-average, histogram")]
    [InlineData("--preprocess", "imgnet", "imagenet")]
    public void An_unknown_name_is_an_error_that_lists_the_known_ones(string option, string name, string known) =>
        Quantize("--data", _sample.Images(), option, name).AssertFailed($"'{name}'", known);

    [Fact]
    public void An_existing_output_is_an_error_before_any_work()
    {
        File.WriteAllText(_sample["out.onnx"], "precious");
        Quantize("--data", "nowhere").AssertFailed("out.onnx", "--overwrite");
        Assert.Equal("precious", File.ReadAllText(_sample["out.onnx"]));
    }

    [Fact]
    public void The_output_may_not_be_the_model()
    {
        var model = _sample.Model();
        ToolRun.Of("quantize", model, "-o", model, "--overwrite", "--data", _sample.Images()).AssertFailed("also an input");
    }

    [Fact]
    public void A_missed_accuracy_is_exit_code_3_and_the_file_is_there_to_look_at()
    {
        // The labels are the float model's own answers, and an activation of two values cannot give them all.
        var labelled = _sample.ImagesLabelledBy(_sample.Model());
        var coarse = ObserverSpec.MinMax with { QuantMin = 0, QuantMax = 1 };
        new QConfigMapping(new QConfig(coarse, QConfig.Default.Weight)).Save(_sample["coarse.json"]);
        var run = Quantize("--data", labelled, "--qconfig", _sample["coarse.json"], "--max-accuracy-drop", "1");
        Assert.True(run.ExitCode == 3, run.Error);
        Assert.Contains("100.00 %", run.Output, StringComparison.Ordinal);
        Assert.Contains("--max-accuracy-drop", run.Error, StringComparison.Ordinal);
        Assert.True(File.Exists(_sample["out.onnx"]));
        Assert.Equal(0, Quantize("--data", labelled, "--max-accuracy-drop", "100", "--overwrite").ExitCode);
    }

    [Fact]
    public void A_gate_without_labels_is_an_error_before_any_work()
    {
        Quantize("--data", _sample.UnlabelledImages(), "--max-accuracy-drop", "1").AssertFailed("labels");
        Assert.False(File.Exists(_sample["out.onnx"]));
    }

    [Fact]
    public void A_quantized_model_is_not_quantized_again()
    {
        var images = _sample.Images();
        Assert.Equal(0, Quantize("--data", images).ExitCode);
        ToolRun.Of("quantize", _sample["out.onnx"], "-o", _sample["twice.onnx"], "--data", images).AssertFailed("quantized already");
    }

    private ToolRun Quantize(params string[] args) =>
        ToolRun.Of(["quantize", _sample.Model(), "-o", _sample["out.onnx"], .. args]);
}
