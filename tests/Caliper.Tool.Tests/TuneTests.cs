using System.Text.Json;

namespace Caliper.Tool.Tests;

public sealed class TuneTests : IDisposable
{
    private readonly Sample _sample = new();
    private string? _images;

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void What_is_chosen_is_the_fastest_of_those_that_reach_the_target()
    {
        var json = Run("tune", "--target", "sqnr 40", "--budget", "600", "--format", "json").Json;
        var tuning = json.GetProperty("tuning");
        Assert.Equal(("sqnr", 40), (tuning.GetProperty("measure").GetString(), tuning.GetProperty("target").GetDouble()));
        Assert.True(tuning.GetProperty("isReached").GetBoolean());
        var points = tuning.GetProperty("points").EnumerateArray().ToArray();
        var chosen = Assert.Single(points, p => p.GetProperty("isChosen").GetBoolean());
        Assert.True(chosen.GetProperty("quality").GetDouble() >= 40);
        var reaching = points.Where(p => p.GetProperty("quality").GetDouble() >= 40).Select(p => p.GetProperty("milliseconds").GetDouble());
        Assert.True(chosen.GetProperty("milliseconds").GetDouble() <= reaching.Min() * 1.02);
        // What was tuned is what was written.
        Assert.Equal(chosen.GetProperty("quality").GetDouble(), SqnrOf(json), 3);
        var written = json.GetProperty("search").GetProperty("chosen");
        Assert.Equal(chosen.GetProperty("wideShare").GetDouble(), written.GetProperty("wideShare").GetDouble());
    }

    [Fact]
    public void The_recipe_of_the_chosen_one_gives_the_same_bytes()
    {
        Assert.Equal(0, Run("tune", "--budget", "0", "--save-recipe", _sample["r.json"]).ExitCode);
        var first = File.ReadAllBytes(_sample["out.onnx"]);
        Assert.Equal(0, Run("quantize", "--recipe", _sample["r.json"], "--overwrite").ExitCode);
        Assert.Equal(first, File.ReadAllBytes(_sample["out.onnx"]));
    }

    [Theory]
    [InlineData("agreement 80", "agreement")]
    [InlineData("accuracy -30", "accuracy")]
    [InlineData("cosine 0.99", "cosine")]
    public void Quantize_runs_what_no_noise_tells(string target, string measure)
    {
        var json = Run("quantize", "--target", target, "--format", "json").Json;
        Assert.Equal(measure, json.GetProperty("tuning").GetProperty("measure").GetString());
        Assert.True(json.GetProperty("tuning").GetProperty("isReached").GetBoolean());
        foreach (var point in json.GetProperty("tuning").GetProperty("points").EnumerateArray())
        {
            // Shares of samples have an interval; a cosine is no count.
            Assert.Equal(measure != "cosine", point.TryGetProperty("interval", out var interval));
            if (measure == "cosine") continue;
            var (lower, upper) = (interval.GetProperty("lower").GetDouble(), interval.GetProperty("upper").GetDouble());
            Assert.InRange(point.GetProperty("quality").GetDouble(), lower, upper);
        }
    }

    [Fact]
    public void What_cannot_be_reached_is_said()
    {
        var run = Run("quantize", "--target", "cosine 1");
        Assert.Equal(0, run.ExitCode);
        Assert.Contains("cosine 1.00000, is not reached: this is the best of", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void A_quality_that_there_is_not_is_told_and_nothing_is_written()
    {
        Run("quantize", "--target", "iou 0.9").AssertFailed("--target asks for iou, and no output marks anything");
        Assert.False(File.Exists(_sample["out.onnx"]));
    }

    [Theory]
    [InlineData("accuracy 0.3")]
    [InlineData("agreement")]
    [InlineData("cosine 1.5")]
    [InlineData("iou 95 %")]
    [InlineData("")]
    public void A_target_that_makes_no_sense_is_told(string target) =>
        Run("tune", "--target", target).AssertUsageError("--target takes decibels, such as 25, or one of 'sqnr 25', 'agreement 99'");

    [Fact]
    public void A_program_of_ones_own_says_how_good_the_outputs_are()
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program of this test is a script of the shell.");
        // How many files of outputs are there twice, and how many samples are told of.
        var program = Script("""
            ls "$1"/float/*.npz | wc -l >&2
            test "$(ls "$1"/float)" = "$(ls "$1"/int8)" || exit 1
            echo measured
            wc -l <"$1/samples.tsv"
            """);
        var json = Run("quantize", "--target", "metric 1", "--metric", program, "--format", "json").Json.GetProperty("tuning");
        Assert.Equal(("metric", 1), (json.GetProperty("measure").GetString(), json.GetProperty("target").GetDouble()));
        var samples = Directory.GetFiles(_images!, "*", SearchOption.AllDirectories).Length;
        Assert.All(json.GetProperty("points").EnumerateArray(), p => Assert.Equal(samples, p.GetProperty("quality").GetDouble()));
        Assert.Empty(Directory.GetDirectories(Path.GetTempPath(), "caliper-metric-*"));
    }

    [Theory]
    [InlineData("echo no; exit 3", "exit code 3.")]
    [InlineData("echo the disk is full >&2; exit 3", "exit code 3: the disk is full")]
    [InlineData("echo good", "not 'good'")]
    [InlineData("true", "a number, as its last line")]
    public void A_program_that_tells_no_number_is_told_of_and_nothing_is_written(string script, string message)
    {
        Assert.SkipWhen(OperatingSystem.IsWindows(), "The program of this test is a script of the shell.");
        Run("tune", "--metric", Script(script), "--budget", "0").AssertFailed(message);
        Assert.False(File.Exists(_sample["out.onnx"]));
    }

    [Fact]
    public void A_program_and_its_target_belong_together()
    {
        Run("tune", "--target", "metric 1").AssertUsageError("needs --metric");
        Run("quantize", "--metric", "x").AssertUsageError("--metric is what --target 'metric N' is measured by");
        Run("tune", "--metric", "x", "--target", "cosine 0.9").AssertUsageError("--metric is what --target 'metric N' is measured by");
        Run("tune", "--metric", _sample["none"], "--budget", "0").AssertUsageError("There is no program");
        Run("tune", "--metric", Path.GetTempPath(), "--budget", "0").AssertUsageError("There is no program");
        Run("tune", "--metric", "no-such-program-anywhere", "--budget", "0").AssertUsageError("There is no program");
        if (OperatingSystem.IsWindows()) return;
        File.WriteAllText(_sample["text"], "no program");
        Run("tune", "--metric", _sample["text"], "--budget", "0").AssertUsageError("nobody may execute it");
    }

    [Fact]
    public void Without_data_there_is_nothing_to_run() =>
        ToolRun.Of("tune", _sample.Model(), "-o", _sample["out.onnx"]).AssertUsageError("--data is required");

    /// <summary>However early: before anything was run, that is what the search chose.</summary>
    [Fact]
    public void Who_ends_the_tuning_gets_the_best_so_far()
    {
        using var interruption = new CancellationTokenSource();
        using var output = new StringWriter();
        using var error = new Watcher(line =>
        {
            if (line.StartsWith("search:", StringComparison.Ordinal)) interruption.Cancel();
        });
        string[] args = ["tune", _sample.Model(), "--data", _sample.Array(24), "-o", _sample["out.onnx"], "--budget", "600", "--format", "json"];
        Assert.True(CaliperCommand.Run(args, output, error, interruption.Token) == 0, error.ToString());
        Assert.True(interruption.IsCancellationRequested);
        Assert.True(File.Exists(_sample["out.onnx"]));
        Assert.True(SqnrOf(JsonDocument.Parse(output.ToString()).RootElement) > 10);
    }

    private ToolRun Run(string command, params string[] args) =>
        ToolRun.Of([command, _sample.Model(), "--data", _images ??= _sample.Images(), "-o", _sample["out.onnx"], .. args]);

    private string Script(string lines)
    {
        var path = _sample["metric.sh"];
        File.WriteAllText(path, "#!/bin/sh\n" + lines.ReplaceLineEndings("\n") + "\n");
        if (!OperatingSystem.IsWindows()) File.SetUnixFileMode(path, UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute);
        return path;
    }

    private static double SqnrOf(JsonElement json) => json.GetProperty("sqnrDecibels").EnumerateObject().Min(p => p.Value.GetDouble());
}
