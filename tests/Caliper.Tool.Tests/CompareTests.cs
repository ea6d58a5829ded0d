using System.Text.RegularExpressions;

namespace Caliper.Tool.Tests;

public sealed class CompareTests : IDisposable
{
    // The same network and the same images in every test, and so the same bytes: quantized once.
    private static readonly Lazy<byte[]> Int8 = new(() =>
    {
        using var sample = new Sample();
        var run = ToolRun.Of("quantize", sample.Model(), "--data", sample.Images(perClass: 8), "-o", sample["int8.onnx"], "--fast");
        return run.ExitCode == 0 ? File.ReadAllBytes(sample["int8.onnx"]) : throw new InvalidOperationException(run.Error);
    });

    // A verdict measures for seconds what its fixes cost in time; what asks for no verdict does not wait for it.
    private static readonly string[] NoVerdict = ["--sensitivity-samples", "0"];

    private readonly Sample _sample = new();
    private readonly string _model;
    private readonly string _images;

    public CompareTests()
    {
        (_model, _images) = (_sample.Model(), _sample.Images(perClass: 8));
        File.WriteAllBytes(_sample["int8.onnx"], Int8.Value);
    }

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Every_int8_tensor_has_its_errors_in_execution_order()
    {
        var result = Compare().Json;
        Assert.Equal(48, result.GetProperty("evaluation").GetProperty("samples").GetInt32());
        var tensors = result.GetProperty("tensors").EnumerateArray().ToArray();
        Assert.Equal(["input", "relu.out", "pool.out", "flat"], tensors.Select(t => t.GetProperty("value").GetString()));
        Assert.All(tensors, t => Assert.InRange(t.GetProperty("accumulatedDecibels").GetDouble(), 20, 100));
        // What an input loses is its rounding; a layer adds to what it is given.
        Assert.Equal(tensors[0].GetProperty("roundingDecibels").GetDouble(), tensors[0].GetProperty("accumulatedDecibels").GetDouble(), 3);
        Assert.False(tensors[0].TryGetProperty("localDecibels", out _));
        // The first layer is given the same rounded input either way.
        Assert.Equal(tensors[1].GetProperty("localDecibels").GetDouble(), tensors[1].GetProperty("accumulatedDecibels").GetDouble(), 3);
        Assert.Equal(["conv", "fc"], result.GetProperty("weights").EnumerateArray().Select(w => w.GetProperty("layer").GetString()));
        Assert.All(result.GetProperty("headrooms").EnumerateArray(), h => Assert.InRange(h.GetProperty("spareBits").GetDouble(), 1, 31));
    }

    [Fact]
    public void The_noise_at_the_output_is_what_evaluate_measures()
    {
        var evaluated = ToolRun.Of("evaluate", _sample["int8.onnx"], "--against", _model, "--data", _images, "--format", "json").Json;
        Assert.Equal(evaluated.GetProperty("sqnrDecibels").GetProperty("scores").GetDouble(),
            Compare(NoVerdict).Json.GetProperty("sqnrDecibels").GetProperty("scores").GetDouble(), 2);
    }

    [Fact]
    public void With_labels_accuracy_and_loss_are_those_of_evaluate()
    {
        var evaluated = ToolRun.Of("evaluate", _sample["int8.onnx"], "--against", _model, "--data", _images, "--format", "json").Json;
        var compared = Compare().Json;
        foreach (var (expected, actual) in new[] { ("float", "floatAccuracy"), ("int8", "int8Accuracy") })
        {
            Assert.Equal(evaluated.GetProperty(expected).GetProperty("acc1").GetDouble(),
                compared.GetProperty(actual).GetProperty("acc1").GetDouble(), 6);
            Assert.Equal(evaluated.GetProperty(expected).GetProperty("loss").GetDouble(),
                compared.GetProperty(actual).GetProperty("loss").GetDouble(), 4);
        }
        Assert.Equal(evaluated.GetProperty("agreement").GetDouble(), compared.GetProperty("agreement").GetDouble(), 6);
        Assert.All(compared.GetProperty("tensors").EnumerateArray(), t => Assert.InRange(t.GetProperty("lossChange").GetDouble(), -1, 1));
    }

    [Theory]
    [InlineData("qoperator")]
    [InlineData("qdq")]
    public void Either_form_of_the_int8_model_is_compared(string form)
    {
        Assert.Equal(0, ToolRun.Of("quantize", _model, "--data", _images, "-o", _sample["form.onnx"], "--onnx-form", form, "--fast").ExitCode);
        var run = ToolRun.Of(["compare", _model, _sample["form.onnx"], "--data", _images, "--format", "json", "--no-progress", .. NoVerdict]);
        Assert.Equal(Compare(NoVerdict).Json.GetProperty("tensors").GetRawText(), run.Json.GetProperty("tensors").GetRawText());
    }

    [Fact]
    public void The_time_for_tensors_alone_is_limited()
    {
        Assert.Equal(4, Compare().Json.GetProperty("sensitivitySamples").GetInt32());
        Assert.InRange(Compare("--sensitivity-samples", "48", "--sensitivity-seconds", "0").Json.GetProperty("sensitivitySamples").GetInt32(), 1,
            Environment.ProcessorCount);
        Assert.Equal(2, Compare("--sensitivity-seconds", "-1").ExitCode);
    }

    [Fact]
    public void The_batch_size_changes_nothing() =>
        Assert.Equal(Compare("--batch-size", "5").Json.GetProperty("tensors").GetRawText(),
        Compare("--batch-size", "48").Json.GetProperty("tensors").GetRawText());

    [Fact]
    public void Text_has_a_row_for_each_tensor_and_what_to_do()
    {
        var run = ToolRun.Of("compare", _model, _sample["int8.onnx"], "--data", _images);
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("SQNR of scores: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("1. ", run.Output, StringComparison.Ordinal);
        Assert.Contains("int32 sums cannot overflow", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Without_samples_to_measure_tensors_alone_there_is_no_verdict()
    {
        var result = Compare(NoVerdict).Json;
        Assert.Empty(result.GetProperty("findings").EnumerateArray());
        Assert.All(result.GetProperty("tensors").EnumerateArray(), t => Assert.False(t.TryGetProperty("outputDecibels", out _)));
    }

    [Fact]
    public void The_page_is_written_whole_and_replaced_only_when_asked()
    {
        var page = _sample["page.html"];
        Assert.Equal(page, Compare("--report", page).Json.GetProperty("report").GetString());
        var html = File.ReadAllText(page);
        Assert.StartsWith("<!DOCTYPE html>", html, StringComparison.Ordinal);
        Assert.Contains("id=\"verdict\"", html, StringComparison.Ordinal);
        Assert.Contains("--overwrite", Compare("--report", page).Error, StringComparison.Ordinal);
        Assert.Equal(0, Compare("--report", page, "--overwrite").ExitCode);
        Assert.Equal(WithoutLatency(html), WithoutLatency(File.ReadAllText(page)));
        Assert.All(["Acc@1", "Loss", "Agreement", "Size", "Latency"], row =>
            Assert.Contains($"<th scope=\"row\">{row}</th>", html, StringComparison.Ordinal));
        Assert.Empty(_sample.Leftovers("model.onnx", "int8.onnx", "page.html"));

        // The only figures that two runs do not share are times.
        static string WithoutLatency(string page) => Regex.Replace(page, """<tr><th scope="row">Latency.*|; [0-9.]+ times as long""", "");
    }

    [Theory]
    [InlineData("qdq")]
    [InlineData("qoperator")]
    public void Quantize_writes_the_page_too(string form)
    {
        var run = ToolRun.Of("quantize", _model, "--data", _images, "-o", _sample["other.onnx"], "--onnx-form", form, "--report",
            _sample["page.html"], "--no-progress");
        Assert.Equal((0, ""), (run.ExitCode, run.Error));
        Assert.Contains($"report {_sample["page.html"]}", run.Output, StringComparison.Ordinal);
        Assert.Contains("Agreement", File.ReadAllText(_sample["page.html"]), StringComparison.Ordinal);
        Assert.Equal(2, ToolRun.Of("quantize", _model, "--calibration", "none.calib", "-o", _sample["third.onnx"], "--report", _sample["second.html"])
            .ExitCode);
    }

    [Fact]
    public void Statistics_and_trace_put_methods_and_paths_on_the_page()
    {
        Calibrate(_model, "m.calib", "t.json");
        string[] line = [.. NoVerdict, "--report", _sample["page.html"], "--calibration", _sample["m.calib"]];
        Assert.Equal(0, Compare([.. line, "--trace", _sample["t.json"]]).ExitCode);
        AssertExplained(File.ReadAllText(_sample["page.html"]), sites: 3, paths: 3);
        Assert.Equal(0, Compare([.. line, "--overwrite"]).ExitCode);
        AssertExplained(File.ReadAllText(_sample["page.html"]), sites: 3, paths: 0);
    }

    [Fact]
    public void Quantize_tells_how_it_chose_whatever_it_was_calibrated_by()
    {
        Assert.Equal(0, ToolRun.Of("quantize", _model, "--data", _images, "--batch-size", "8", "--batches", "6", "--fast", "-o", _sample["a.onnx"],
            "--report", _sample["a.html"]).ExitCode);
        var html = File.ReadAllText(_sample["a.html"]);
        AssertExplained(html, sites: 3, paths: 3);
        Assert.Contains("over 6 batches, 48 samples", html, StringComparison.Ordinal);
        Assert.DoesNotContain("in the model", html, StringComparison.Ordinal); // The method that was asked for is the one that is marked.
        Calibrate(_model, "m.calib", "t.json");
        foreach (var (trace, paths) in new[] { (Array.Empty<string>(), 0), (["--trace", _sample["t.json"]], 3) })
        {
            Assert.Equal(0, ToolRun.Of(["quantize", _model, "--calibration", _sample["m.calib"], .. trace, "--test-data", _images, "-o",
                _sample["b.onnx"], "--report",
                _sample["b.html"], "--overwrite"]).ExitCode);
            AssertExplained(File.ReadAllText(_sample["b.html"]), sites: 3, paths);
        }
        Assert.Equal(File.ReadAllBytes(_sample["a.onnx"]), File.ReadAllBytes(_sample["b.onnx"]));
    }

    [Fact]
    public void Statistics_of_another_model_are_refused_before_anything_is_written()
    {
        var other = _sample.Model("other.onnx");
        Calibrate(other, "other.calib", "other.json");
        File.WriteAllText(_sample["strange.json"], """{"steps":[{"samples":4,"ranges":{"nowhere":[0,1]}}]}""");
        Calibrate(_model, "m.calib", "t.json");
        var page = _sample["page.html"];
        void Refused(string why, params string[] more) =>
            ToolRun.Of(["compare", _model, _sample["int8.onnx"], "--data", _images, "--no-progress", "--report", page, .. more]).AssertFailed(why);
        Refused("another model", "--calibration", _sample["other.calib"]);
        Refused("'nowhere'", "--calibration", _sample["m.calib"], "--trace", _sample["strange.json"]);
        Refused("There is no file", "--calibration", _sample["none.calib"]);
        ToolRun.Of("quantize", _model, "--calibration", _sample["m.calib"], "--trace", _sample["strange.json"], "--test-data", _images, "-o",
            _sample["q.onnx"],
            "--report", page).AssertFailed("'nowhere'");
        Assert.Empty(_sample.Leftovers("model.onnx", "int8.onnx", "other.onnx", "other.calib", "other.json", "strange.json", "m.calib", "t.json"));
        string[] line = ["compare", _model, _sample["int8.onnx"], "--data", _images];
        ToolRun.Of([.. line, "--calibration", _sample["m.calib"]]).AssertUsageError("--calibration needs --report");
        ToolRun.Of([.. line, "--report", page, "--trace", _sample["t.json"]]).AssertUsageError("--trace needs --calibration");
    }

    [Fact]
    public void A_page_never_replaces_what_the_command_reads()
    {
        Assert.Equal(0, ToolRun.Of("calibrate", _model, "--data", _images, "-o", _sample["m.calib"], "--trace", _sample["t.json"]).ExitCode);
        string[] reading = ["--calibration", _sample["m.calib"], "--trace", _sample["t.json"], "--overwrite"];
        foreach (var read in new[] { _model, _sample["int8.onnx"], _sample["m.calib"], _sample["t.json"] })
        {
            Compare([.. reading, "--report", read]).AssertFailed("also an input");
            if (read != _sample["int8.onnx"])
                ToolRun.Of(["quantize", _model, .. reading, "-o", read]).AssertFailed("also an input");
        }
    }

    [Fact]
    public void Models_that_do_not_belong_together_are_refused()
    {
        Refused("is quantized already", _sample["int8.onnx"], _sample["int8.onnx"]);
        Refused("is not quantized", _model, _model);
        Refused("There is no file", _model, _sample["none.onnx"]);
    }

    private void Calibrate(string model, string calibration, string trace) =>
        Assert.Equal(0, ToolRun.Of("calibrate", model, "--data", _images, "-o", _sample[calibration], "--trace", _sample[trace]).ExitCode);

    private static void AssertExplained(string html, int sites, int paths)
    {
        Assert.Equal(sites, html.Split("<div class=\"choices\">").Length - 1);
        Assert.Equal(paths, html.Split("<figure class=\"path\">").Length - 1);
        Assert.All(html.Split("<div class=\"choices\">").Skip(1), table =>
            Assert.Contains("<tr class=used>", table[..table.IndexOf("</table>", StringComparison.Ordinal)], StringComparison.Ordinal));
    }

    private void Refused(string why, string reference, string int8)
    {
        var run = ToolRun.Of("compare", reference, int8, "--data", _images, "--no-progress");
        Assert.Equal(1, run.ExitCode);
        Assert.Contains(why, run.Error, StringComparison.Ordinal);
        Assert.Empty(run.Output);
    }

    private ToolRun Compare(params string[] more) =>
        ToolRun.Of(["compare", _model, _sample["int8.onnx"], "--data", _images, "--format", "json", "--no-progress", .. more]);
}
