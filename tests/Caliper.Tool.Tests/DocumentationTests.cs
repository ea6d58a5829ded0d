using System.Text.RegularExpressions;
using Caliper.Imaging;

namespace Caliper.Tool.Tests;

public sealed partial class DocumentationTests
{
    private static readonly string Page = File.ReadAllText(Path.Combine(Repository(), "docs", "5-cli.md"));

    [Theory]
    [InlineData("calibrate")]
    [InlineData("merge")]
    [InlineData("quantize")]
    [InlineData("tune")]
    [InlineData("evaluate")]
    [InlineData("compare")]
    [InlineData("inspect")]
    [InlineData("demo")]
    [InlineData("bench")]
    [InlineData("info")]
    public void Every_option_is_on_the_page(string command)
    {
        var options = OptionName().Matches(ToolRun.Of(command, "--help").Output).Select(m => m.Value).Distinct();
        foreach (var option in options.Except(["--help", "--version"])) Assert.Contains($"`{option}", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_option_on_the_page_exists()
    {
        string[] commands = ["calibrate", "merge", "quantize", "tune", "evaluate", "compare", "inspect", "demo", "bench", "info"];
        var help = string.Concat(commands.Select(c => ToolRun.Of(c, "--help").Output));
        var shell = Regex.Replace(Page, "dotnet run [^`]*`", "");
        foreach (var option in OptionName().Matches(shell).Select(m => m.Value).Distinct().Except(["--help"])) Assert.Contains(option, help,
            StringComparison.Ordinal);
    }

    [Fact]
    public void Every_field_of_json_is_on_the_page()
    {
        using var sample = new Sample();
        var json = ToolRun.Of("quantize", sample.Model(), "--data", sample.Images(), "-o", sample["o.onnx"], "--format", "json").Json;
        var alone = ToolRun.Of("evaluate", sample["o.onnx"], "--data", sample["images"], "--format", "json").Json;
        var inspected = ToolRun.Of("inspect", sample["model.onnx"], "--format", "json").Json;
        var info = ToolRun.Of("info", "--format", "json").Json;
        var bench = ToolRun.Of("bench", sample["o.onnx"], "--against", "onnxruntime", "--seconds", "1", "--layers", "--format", "json").Json;
        var compared = ToolRun.Of("compare", sample["model.onnx"], sample["o.onnx"], "--data", sample["images"], "--format", "json").Json;
        foreach (var field in new[] { json, compared, alone, inspected, info, bench, bench.GetProperty("results")[0] }.SelectMany(j =>
            j.EnumerateObject()))
            Assert.Contains($"`{field.Name}`", Page, StringComparison.Ordinal);
    }

    [Fact]
    public void Every_preset_of_preprocessing_is_on_the_page()
    {
        foreach (var name in Preprocessing.Presets.Keys) Assert.Contains($"`{name}`", Page, StringComparison.Ordinal);
    }

    [GeneratedRegex("--[a-z][a-z-]+")]
    private static partial Regex OptionName();

    internal static string Repository()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Caliper.slnx"))) folder = Path.GetDirectoryName(folder)!;
        return folder;
    }
}
