using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>The command line of <see cref="OutputOptions"/>.</summary>
internal sealed class OutputSymbols(bool hasProgress = true)
{
    private static readonly OutputOptions Defaults = new();

    private readonly Option<string> _format = new("--format")
    {
        HelpName = "text|json",
        Description = "What is written to stdout: text for people, or one JSON document",
        DefaultValueFactory = _ => Values.WordFor(Defaults.Format),
        CustomParser = Values.OneOf("text", "json"),
    };

    private readonly Option<bool> _hidesProgress = new("--no-progress") { Description = "Keeps stderr free of progress" };

    public void AddTo(Command command)
    {
        command.Add(_format);
        if (hasProgress) command.Add(_hidesProgress);
    }

    public OutputOptions Read(ParseResult line) => new()
    {
        Format = Values.Parse<OutputFormat>(line.GetRequiredValue(_format)),
        HidesProgress = hasProgress && line.GetValue(_hidesProgress),
    };
}
