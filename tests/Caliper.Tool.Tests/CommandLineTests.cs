using System.CommandLine;
using Caliper.Tool.Options;

namespace Caliper.Tool.Tests;

public sealed class CommandLineTests
{
    [Fact]
    public void Help_is_a_result()
    {
        var run = ToolRun.Of("--help");
        Assert.Equal(0, run.ExitCode);
        Assert.Empty(run.Error);
        foreach (var command in new[] { "demo", "inspect", "quantize", "evaluate", "info" })
            Assert.Contains($"  {command}", run.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void Help_shows_the_defaults_of_the_option_records()
    {
        var help = ToolRun.Of("quantize", "--help").Output.Split('\n');
        AssertDefault(help, "--batch-size <N>", new DataOptions { Path = "" }.BatchSize.ToString());
        AssertDefault(help, "--threads <N>", new ModelOptions { Path = "" }.Threads.ToString());
        AssertDefault(help, "--qconfig <NAME|FILE.json>", new SchemeOptions().QConfig);
        AssertDefault(help, "--format <text|json>", "text");
        AssertDefault(help, "--onnx-form <qdq|qoperator>", "qdq");
        AssertDefault(help, "--batches <N>", "32");
    }

    [Theory]
    [InlineData("--no-assembled")]
    [InlineData("--no-jit")]
    public void Assembled_code_is_turned_off_by_its_name_and_by_its_former_one(string option)
    {
        var (command, symbols) = (new Command("bench"), new EngineSymbols());
        symbols.AddTo(command);
        Assert.True(symbols.Read(command.Parse("")).AssembledCode);
        Assert.False(symbols.Read(command.Parse(option)).AssembledCode);
    }

    [Fact]
    public void The_version_is_a_result()
    {
        var run = ToolRun.Of("--version");
        Assert.Equal(0, run.ExitCode);
        Assert.Single(run.Output.Trim().Split('\n'));
        Assert.Empty(run.Error);
    }

    [Fact]
    public void Without_a_command_the_commands_are_named()
    {
        var run = ToolRun.Of();
        run.AssertUsageError("a command is missing");
        Assert.Contains("demo, inspect, calibrate, merge, quantize, tune, evaluate, compare, bench, info", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public void An_unknown_command_is_a_usage_error() =>
        ToolRun.Of("quantise").AssertUsageError("there is no command 'quantise'", "Did you mean 'quantize'?");

    [Fact]
    public void An_option_that_is_nearly_one_is_guessed() =>
        ToolRun.Of("inspect", "model.onnx", "--formt", "json").AssertUsageError("--formt", "Did you mean '--format'?");

    [Fact]
    public void A_missing_option_is_a_usage_error_with_a_hint()
    {
        var run = ToolRun.Of("quantize", "model.onnx", "--data", "images");
        run.AssertUsageError("--output", "required");
        Assert.Contains("'caliper quantize --help'", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--batches", "0", "a whole number of 1 or more, not '0'")]
    [InlineData("--batches", "many", "a whole number of 1 or more, not 'many'")]
    [InlineData("--batch-size", "1.5", "a whole number of 1 or more, not '1.5'")]
    [InlineData("--threads", "x", "a whole number of 0 or more, not 'x'")]
    [InlineData("--scale", "1/0", "a number such as 0.5 or 1/255, not '1/0'")]
    [InlineData("--scale", "NaN", "a number such as 0.5 or 1/255, not 'NaN'")]
    [InlineData("--mean", "0.1,b", "numbers such as 0.485,0.456,0.406, not 'b'")]
    [InlineData("--channels", "rbg", "one of rgb, bgr, not 'rbg'")]
    [InlineData("--format", "yaml", "one of text, json, not 'yaml'")]
    [InlineData("--crop", "0", "pixels such as 224 or 320x240, not '0'")]
    [InlineData("--resize", "1x2x3", "pixels such as 224 or 320x240, not '1x2x3'")]
    [InlineData("--max-accuracy-drop", "-1", "percentage points, 0 or more, not '-1'")]
    [InlineData("--onnx-form", "qd", "one of qdq, qoperator, not 'qd'")]
    [InlineData("--color", "red", "--color")]
    public void A_wrong_value_is_a_usage_error_that_says_what_is_expected(string option, string value, string expected) =>
        ToolRun.Of("quantize", "m.onnx", "--data", "d", "-o", "o.onnx", option, value).AssertUsageError(option, expected);

    [Fact]
    public void A_wrong_drop_is_a_usage_error_of_evaluate_too() =>
        ToolRun.Of("evaluate", "m.onnx", "--data", "d", "--against", "f.onnx", "--max-accuracy-drop", "x")
            .AssertUsageError("--max-accuracy-drop", "'x'");

    [Fact]
    public void A_drop_needs_something_to_compare_with() =>
        ToolRun.Of("evaluate", "m.onnx", "--data", "d", "--max-accuracy-drop", "1").AssertUsageError("--against");

    private static void AssertDefault(string[] help, string option, string value)
    {
        var line = Assert.Single(help, l => l.Contains(option, StringComparison.Ordinal));
        Assert.Contains($"[default: {value}]", line, StringComparison.Ordinal);
    }
}
