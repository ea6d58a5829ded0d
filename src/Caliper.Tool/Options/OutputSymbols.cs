using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>The command line of <see cref="OutputOptions"/>.</summary>
internal sealed class OutputSymbols(bool hasProgress = true)
{
    private static readonly OutputOptions Defaults = new();

    private readonly Option<OutputFormat> _format = new("--format")
    {
        HelpName = "text|json",
        Description = "What is written to stdout: text for people, or one JSON document",
        DefaultValueFactory = _ => Defaults.Format,
        CustomParser = Values.OneOf(("text", OutputFormat.Text), ("json", OutputFormat.Json)),
    };

    private readonly Option<bool> _hidesProgress = new("--no-progress") { Description = "Keeps stderr free of progress" };

    public void AddTo(Command command)
    {
        command.Add(_format);
        if (hasProgress) command.Add(_hidesProgress);
    }

    public OutputOptions Read(ParseResult line) => new()
    {
        Format = line.GetValue(_format),
        HidesProgress = hasProgress && line.GetValue(_hidesProgress),
    };
}
