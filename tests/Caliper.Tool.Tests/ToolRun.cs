using System.Text.Json;
using Caliper.Tool.Consoles;

namespace Caliper.Tool.Tests;

/// <summary>One run of the command within the test's process, and all that it said.</summary>
internal sealed record ToolRun(int ExitCode, string Output, string Error)
{
    public static ToolRun Of(params string[] args) => Of(TestContext.Current.CancellationToken, args);

    public static ToolRun Of(CancellationToken cancellationToken, params string[] args)
    {
        using StringWriter output = new(), error = new();
        var exitCode = CaliperCommand.Run(args, output, error, cancellationToken);
        return new ToolRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>A run that a person watches.</summary>
    public static ToolRun OnTerminal(bool usesColor, int width, params string[] args)
    {
        using StringWriter output = new(), error = new();
        var exitCode = CaliperCommand.Run(args, new Terminal(output, true, usesColor, width), new Terminal(error, true, usesColor, width),
            TestContext.Current.CancellationToken);
        return new ToolRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>The result as JSON, which must be all that stdout holds.</summary>
    public JsonElement Json
    {
        get
        {
            Assert.True(ExitCode == 0, Error);
            using var document = JsonDocument.Parse(Output);
            return document.RootElement.Clone();
        }
    }

    /// <summary>Checks that the run failed, said so in one line on stderr that holds all of some texts, and nothing on stdout.</summary>
    public void AssertFailed(params string[] texts) => AssertRefused(1, texts);

    /// <summary>Checks that the command line was refused, with a hint in a second line.</summary>
    public void AssertUsageError(params string[] texts) => AssertRefused(2, texts);

    private void AssertRefused(int exitCode, string[] texts)
    {
        Assert.True(ExitCode == exitCode, $"exit code {ExitCode}: {Output}{Error}");
        Assert.Empty(Output);
        var lines = Error.Split(Environment.NewLine, StringSplitOptions.RemoveEmptyEntries);
        var line = Assert.Single(lines, l => l.StartsWith("caliper: ", StringComparison.Ordinal));
        Assert.DoesNotContain("defect", line, StringComparison.Ordinal);
        foreach (var text in texts) Assert.Contains(text, line, StringComparison.Ordinal);
        Assert.DoesNotContain("   at ", Error, StringComparison.Ordinal);
    }
}
