namespace Caliper.Tool.Tests;

public sealed class CalibrateTests : IDisposable
{
    private readonly Sample _sample = new();
    private readonly string _model;
    private readonly string _images;

    public CalibrateTests()
    {
        _model = _sample.Model();
        _images = _sample.Images(perClass: 8);
    }

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void The_result_says_what_was_seen()
    {
        var result = Calibrate("m.calib", "--format", "json").Json;
        Assert.Equal(48, result.GetProperty("samples").GetInt32());
        Assert.Equal(new FileInfo(_sample["m.calib"]).Length, result.GetProperty("sizeBytes").GetInt64());
        Assert.Equal(["flat", "input", "pool.out", "relu.out", "scores"],
            result.GetProperty("tensors").EnumerateArray().Select(t => t.GetProperty("name").GetString()!));
        Assert.StartsWith("class", result.GetProperty("tensors")[0].GetProperty("maxSample").GetString(), StringComparison.Ordinal);
        Assert.Equal(["load", "fuse", "calibrate", "save", "judge", "examine"], result.GetProperty("stages").EnumerateObject().Select(s => s.Name));
        Assert.Contains("48 samples", result.GetProperty("convergence").GetProperty("verdict").GetString(), StringComparison.Ordinal);
        Assert.Empty(_sample.Leftovers("model.onnx", "m.calib"));
    }

    [Fact]
    public void Text_names_the_file_the_verdict_and_what_is_odd()
    {
        var run = Calibrate("m.calib");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("m.calib: ", run.Output, StringComparison.Ordinal);
        Assert.Contains("48 samples, 5 tensors", run.Output, StringComparison.Ordinal);
        Assert.Contains("Ranges: ", run.Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--batch-size", "1", "--batches", "1000")]
    [InlineData("--batch-size", "7", "--batches", "1000")]
    [InlineData("--threads", "1")]
    [InlineData("--save-every", "0")]
    [InlineData("--watch")]
    public void Options_that_only_tell_how_leave_the_same_bytes(params string[] options)
    {
        Calibrate("whole.calib");
        Assert.Equal(0, Calibrate("other.calib", options).ExitCode);
        AssertSameBytes("whole.calib", "other.calib");
    }

    [Theory, InlineData(1), InlineData(2), InlineData(5)]
    public void Shards_merged_have_the_bytes_of_one_run(int shards)
    {
        Calibrate("whole.calib");
        for (var i = 1; i <= shards; i++) Assert.Equal(0, Calibrate($"{i}.calib", "--shard", $"{i}/{shards}").ExitCode);
        var parts = Enumerable.Range(1, shards).Reverse().Select(i => _sample[$"{i}.calib"]);
        var run = ToolRun.Of(["merge", .. parts, "-o", _sample["merged.calib"]]);
        Assert.True(run.ExitCode == 0, run.Error);
        AssertSameBytes("whole.calib", "merged.calib");
    }

    [Fact]
    public async Task Shards_in_processes_of_their_own_merge_to_the_same_bytes()
    {
        Calibrate("whole.calib");
        var processes = Enumerable.Range(1, 3).Select(i => ToolProcess.Start(
            "calibrate", _model, "--data", _images, "--no-progress", "--shard", $"{i}/3", "--resume", "-o", _sample[$"shard-{i}.calib"])).ToArray();
        foreach (var process in processes)
        {
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            Assert.Equal(0, process.ExitCode);
            process.Dispose();
        }
        Assert.Equal(0, ToolRun.Of("merge", _sample["shard-1.calib"], _sample["shard-2.calib"], _sample["shard-3.calib"], "-o",
            _sample["merged.calib"]).ExitCode);
        AssertSameBytes("whole.calib", "merged.calib");
    }

    [Fact]
    public void The_scheduler_scripts_pick_the_shard_by_the_index_and_merge_all()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "needs bash");
        Calibrate("whole.calib");
        var bin = Directory.CreateDirectory(_sample["bin"]).FullName;
        var command = Path.Combine(bin, "caliper");
        File.WriteAllText(command, $"#!/bin/sh\nexec dotnet '{typeof(CaliperCommand).Assembly.Location}' \"$@\"\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(command, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        var slurm = Path.Combine(DocumentationTests.Repository(), "deploy", "slurm");
        for (var i = 1; i <= 2; i++)
            Bash(bin, Path.Combine(slurm, "calibrate.sbatch"), [_model, _images, _sample.Folder], ("SLURM_ARRAY_TASK_ID", $"{i}"),
                ("SLURM_ARRAY_TASK_MIN", "1"), ("SLURM_ARRAY_TASK_COUNT", "2"));
        Bash(bin, Path.Combine(slurm, "merge.sbatch"), [_sample.Folder]);
        AssertSameBytes("whole.calib", "model.calib");
    }

    [Fact]
    public void An_interrupted_run_leaves_a_file_that_resume_completes_to_the_same_bytes()
    {
        Calibrate("whole.calib");
        using var interruption = new CancellationTokenSource();
        using StringWriter output = new(), error = new();
        interruption.Cancel();
        Assert.Equal(130, CaliperCommand.Run(["calibrate", _model, "--data", _images, "-o", _sample["m.calib"]], output, error, interruption.Token));
        Assert.Contains("--resume continues it", error.ToString(), StringComparison.Ordinal);
        Assert.Equal(0, Calibrate("m.calib", "--resume").ExitCode);
        AssertSameBytes("whole.calib", "m.calib");
        // Nothing is left to observe.
        Assert.Equal(0, Calibrate("m.calib", "--resume").ExitCode);
        AssertSameBytes("whole.calib", "m.calib");
    }

    [Fact]
    public async Task A_killed_process_never_leaves_an_unreadable_file()
    {
        Calibrate("whole.calib");
        var random = new Random(3);
        for (var attempt = 0; attempt < 6; attempt++)
        {
            using var process = ToolProcess.Start("calibrate", _model, "--data", _images, "--batch-size", "1", "--batches", "1000", "--save-every",
                "0",
                "--resume", "--no-progress", "-o", _sample["m.calib"]);
            if (attempt > 0) await Task.WhenAny(process.WaitForExitAsync(TestContext.Current.CancellationToken),
                Task.Delay(300 + random.Next(600), TestContext.Current.CancellationToken));
            else while (!File.Exists(_sample["m.calib"]) && !process.HasExited) await Task.Delay(1, TestContext.Current.CancellationToken);
            process.Kill();
            await process.WaitForExitAsync(TestContext.Current.CancellationToken);
            if (File.Exists(_sample["m.calib"])) Assert.Equal(0, ToolRun.Of("inspect", _sample["m.calib"]).ExitCode);
        }
        Assert.Equal(0, Calibrate("m.calib", "--resume").ExitCode);
        AssertSameBytes("whole.calib", "m.calib");
    }

    [Fact]
    public void Statistics_quantize_like_the_data_they_are_of()
    {
        Calibrate("m.calib");
        foreach (var observer in (string[])["sqnr(1.5)", "mse", "minmax", "entropy", "percentile(99.9)"])
        {
            var fromData = ToolRun.Of("quantize", _model, "--data", _images, "--fast", "--observer", observer, "-o", _sample["a.onnx"],
                "--overwrite");
            var fromFile = ToolRun.Of("quantize", _model, "--calibration", _sample["m.calib"], "--observer", observer, "-o", _sample["b.onnx"],
                "--overwrite");
            Assert.True(fromData.ExitCode == 0 && fromFile.ExitCode == 0, fromData.Error + fromFile.Error);
            AssertSameBytes("a.onnx", "b.onnx");
        }
    }

    [Fact]
    public void A_moving_average_needs_the_trace()
    {
        Calibrate("m.calib", "--trace", _sample["t.json"]);
        ToolRun.Of("quantize", _model, "--calibration", _sample["m.calib"], "--observer", "moving-average", "-o", _sample["b.onnx"])
            .AssertFailed("calibrate --trace");
        Assert.Equal(0, ToolRun.Of("quantize", _model, "--calibration", _sample["m.calib"], "--trace", _sample["t.json"], "--observer",
            "moving-average", "-o", _sample["b.onnx"]).ExitCode);
        ToolRun.Of("quantize", _model, "--calibration", _sample["m.calib"], "--observer", "histogram", "-o", _sample["c.onnx"])
            .AssertFailed("depends on the order of the batches");
    }

    [Fact]
    public void Both_models_are_compared_where_test_data_is_given()
    {
        Calibrate("m.calib");
        var result = ToolRun.Of("quantize", _model, "--calibration", _sample["m.calib"], "--test-data", _images, "-o", _sample["b.onnx"], "--format",
            "json").Json;
        Assert.Equal(48, result.GetProperty("evaluation").GetProperty("samples").GetInt32());
        Assert.True(result.GetProperty("agreement").GetDouble() > 50);
        result = ToolRun.Of("quantize", _model, "--calibration", _sample["m.calib"], "-o", _sample["c.onnx"], "--format", "json").Json;
        Assert.False(result.TryGetProperty("evaluation", out _));
    }

    [Fact]
    public void Stable_data_ends_the_run_early()
    {
        var result = Calibrate("m.calib", "--until-stable", "--batch-size", "4", "--batches", "1000", "--method", "percentile(90)", "--format",
            "json").Json;
        var verdict = result.GetProperty("convergence");
        if (verdict.GetProperty("isStable").GetBoolean()) Assert.True(result.GetProperty("samples").GetInt32() <= 48);
        else Assert.Equal(48, result.GetProperty("samples").GetInt32());
    }

    [Fact]
    public void Inspecting_statistics_lists_the_tensors()
    {
        Calibrate("m.calib");
        var run = ToolRun.Of("inspect", _sample["m.calib"]);
        Assert.Equal(0, run.ExitCode);
        foreach (var text in (string[])["relu.out", "scores", "deviation", "Ranges: "]) Assert.Contains(text, run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void The_tensors_that_move_are_shown_while_it_runs()
    {
        Assert.Contains("moves most", ToolRun.OnTerminal(false, 120, "calibrate", _model, "--data", _images, "-o", _sample["a.calib"], "--watch")
            .Error, StringComparison.Ordinal);
        Assert.Matches(@"(after|the) \d+ samples", ToolRun.Of("calibrate", _model, "--data", _images, "-o", _sample["b.calib"], "--watch").Error);
    }

    [Fact]
    public void The_page_tells_of_every_tensor_and_leaves_the_statistics_as_they_are()
    {
        Calibrate("plain.calib");
        var result = Calibrate("m.calib", "--report", _sample["page.html"], "--batch-size", "8", "--method", "percentile(99)", "--format", "json")
            .Json;
        Assert.Equal(_sample["page.html"], result.GetProperty("report").GetString());
        Assert.Equal("report", result.GetProperty("stages").EnumerateObject().Last().Name);
        AssertSameBytes("plain.calib", "m.calib");
        var html = File.ReadAllText(_sample["page.html"]);
        Assert.Contains("over 6 batches, 48 samples", html, StringComparison.Ordinal);
        Assert.Contains(result.GetProperty("convergence").GetProperty("verdict").GetString()!, html, StringComparison.Ordinal);
        foreach (var diagnostic in result.GetProperty("diagnostics").EnumerateArray())
            Assert.Contains(diagnostic.GetProperty("code").GetString()!, html, StringComparison.Ordinal);
        Assert.Contains("percentile</a>(99) <span class=\"tag\">in use</span>", html, StringComparison.Ordinal);
        // Input, the convolution with its activation, and the average with what only moves it.
        Assert.Equal(3, html.Split("<details class=\"layer\">").Length - 1);
        Assert.Contains($"report {_sample["page.html"]}", Calibrate("m.calib", "--report", _sample["page.html"], "--overwrite").Output,
            StringComparison.Ordinal);
        Assert.Empty(_sample.Leftovers("model.onnx", "plain.calib", "m.calib", "page.html"));
    }

    [Fact]
    public void What_is_continued_has_a_page_without_a_path()
    {
        Calibrate("m.calib", "--shard", "1/2");
        Calibrate("m.calib", "--resume", "--shard", "1/2", "--report", _sample["page.html"]);
        var html = File.ReadAllText(_sample["page.html"]);
        Assert.Contains("24 samples", html, StringComparison.Ordinal);
        Assert.DoesNotContain("class=\"path\"", html, StringComparison.Ordinal);
    }

    [Fact]
    public void A_page_that_cannot_be_written_is_refused_before_any_work()
    {
        Calibrate("m.calib", "--report", _sample["none/page.html"]).AssertFailed("there is no folder");
        Calibrate("m.calib", "--report", _model, "--overwrite").AssertFailed("is also an input");
        Calibrate("m.calib", "--trace", _sample["t.json"], "--report", _sample["t.json"]).AssertFailed("is also another output");
        Assert.Empty(_sample.Leftovers("model.onnx"));
    }

    [Fact]
    public void Wrong_files_get_one_sentence_and_change_nothing()
    {
        Calibrate("m.calib");
        var other = _sample.Model("other.onnx");
        ToolRun.Of("quantize", other, "--calibration", _sample["m.calib"], "-o", _sample["x.onnx"]).AssertFailed("another model");
        ToolRun.Of("calibrate", other, "--data", _images, "--resume", "-o", _sample["m.calib"]).AssertFailed("different models");
        ToolRun.Of("merge", _sample["m.calib"], _sample["m.calib"], "-o", _sample["x.calib"]).AssertFailed("in two of the parts");
        ToolRun.Of("quantize", _model, "--calibration", _model, "-o", _sample["x.onnx"]).AssertFailed("is no calibration file");
        ToolRun.Of("quantize", _model, "--calibration", _sample["missing.calib"], "-o", _sample["x.onnx"]).AssertFailed("There is no file");
        ToolRun.Of("calibrate", _model, "--data", _images, "-o", _sample["m.calib"]).AssertFailed("exists");
        ToolRun.Of("calibrate", _model, "--data", _sample.UnlabelledImages(), "--resume", "-o", _sample["m.calib"])
            .AssertFailed("are not the first of");
        File.WriteAllBytes(_sample["cut.calib"], File.ReadAllBytes(_sample["m.calib"])[..^100]);
        ToolRun.Of("inspect", _sample["cut.calib"]).AssertFailed("is damaged");
        Assert.Empty(_sample.Leftovers("model.onnx", "other.onnx", "m.calib", "cut.calib"));
    }

    [Fact]
    public void Wrong_options_are_usage_errors()
    {
        ToolRun.Of("calibrate", _model, "--data", _images, "-o", _sample["m.calib"], "--shard", "3/2")
            .AssertUsageError("--shard takes a share such as 2/8");
        ToolRun.Of("calibrate", _model, "--data", _images, "-o", _sample["m.calib"], "--resume", "--trace", "t.json").AssertUsageError("--trace");
        ToolRun.Of("quantize", _model, "-o", _sample["x.onnx"]).AssertUsageError("--data, --calibration or --no-data is required");
        ToolRun.Of("quantize", _model, "--data", _images, "--calibration", "m.calib", "-o", _sample["x.onnx"])
            .AssertUsageError("takes the place of --data");
        ToolRun.Of("calibrate", _model, "--data", _images, "-o", _sample["m.calib"], "--method", "best").AssertFailed("no range method");
    }

    private ToolRun Calibrate(string name, params string[] options) =>
        ToolRun.Of(["calibrate", _model, "--data", _images, "-o", _sample[name], .. options]);

    private void AssertSameBytes(string expected, string actual) =>
        Assert.Equal(File.ReadAllBytes(_sample[expected]), File.ReadAllBytes(_sample[actual]));

    private static void Bash(string bin, string script, string[] args, params (string Name, string Value)[] environment)
    {
        var start = new System.Diagnostics.ProcessStartInfo("bash", [script, .. args])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true
        };
        start.Environment["PATH"] = $"{bin}:{start.Environment["PATH"]}";
        foreach (var (name, value) in environment) start.Environment[name] = value;
        using var process = System.Diagnostics.Process.Start(start)!;
        var error = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, error.Result);
    }
}
