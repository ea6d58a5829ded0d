using System.Globalization;
using Caliper.Tool.Consoles;

namespace Caliper.Tool.Tests;

public sealed class TerminalTests : IDisposable
{
    private readonly Sample _sample = new("[brackets] [red]");

    public void Dispose() => _sample.Dispose();

    [Fact]
    public void Paths_with_brackets_are_printed_as_they_are()
    {
        var run = ToolRun.Of("quantize", _sample.Model("[m].onnx"), "--data", _sample.Images(), "-o", _sample["[o].onnx"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains(_sample["[m].onnx"], run.Output, StringComparison.Ordinal);
        Assert.Contains(_sample["[o].onnx"], run.Output, StringComparison.Ordinal);
        ToolRun.Of("inspect", _sample["[missing].onnx"]).AssertFailed(_sample["[missing].onnx"]);
    }

    [Fact]
    public void A_terminal_sees_bars_that_end_in_what_was_done()
    {
        var run = ToolRun.OnTerminal(usesColor: true, 120, "quantize", _sample.Model(), "--data", _sample.Images(), "-o", _sample["o.onnx"]);
        Assert.True(run.ExitCode == 0, run.Error);
        Assert.Contains("\e[", run.Error, StringComparison.Ordinal);
        Assert.Contains("24/24", run.Error, StringComparison.Ordinal);
        Assert.Contains("images/s", run.Error, StringComparison.Ordinal);
        Assert.EndsWith("\e[?25h", run.Error.TrimEnd(), StringComparison.Ordinal);
    }

    [Fact]
    public void Without_colour_nothing_is_coloured()
    {
        var run = ToolRun.OnTerminal(usesColor: false, 80, "inspect", _sample.Model());
        Assert.Equal(0, run.ExitCode);
        Assert.DoesNotContain('\e', run.Output);
        Assert.Contains("\e[", ToolRun.OnTerminal(usesColor: true, 80, "inspect", _sample["model.onnx"]).Output, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("NO_COLOR", "1", false)]
    [InlineData("NO_COLOR", "", true)]
    [InlineData("TERM", "dumb", false)]
    [InlineData("TERM", "xterm-256color", true)]
    public void The_environment_decides_about_colour(string name, string value, bool usesColor)
    {
        using var writer = new StringWriter();
        var terminal = Terminal.Of(writer, isRedirected: false, variable => variable == name ? value : null);
        Assert.Equal(usesColor, terminal.UsesColor);
        Assert.False(Terminal.Of(writer, isRedirected: true, _ => null).IsTerminal);
    }

    [Fact]
    public void A_decimal_comma_changes_neither_options_nor_results()
    {
        var before = CultureInfo.CurrentCulture;
        try
        {
            var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
            (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NumberGroupSeparator) = (",", ".");
            CultureInfo.CurrentCulture = comma;
            var model = _sample.Model();
            var run = ToolRun.Of("quantize", model, "--data", _sample.Images(), "-o", _sample["o.onnx"], "--scale", "0.0039",
                "--mean", "0.5,0.5,0.5", "--max-accuracy-drop", "99.5");
            Assert.True(run.ExitCode == 0, run.Error);
            Assert.Matches(@"Latency +│ +\d+\.\d+ ms", run.Output);
            Assert.True(ToolRun.Of("evaluate", model, "--data", _sample["images"], "--format", "json").Json.GetProperty("loss").GetDouble() > 0);
        }
        finally
        {
            CultureInfo.CurrentCulture = before;
        }
    }
}
