using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>How the result is told.</summary>
internal enum OutputFormat
{
    /// <summary>Text for people.</summary>
    Text,

    /// <summary>One JSON document.</summary>
    Json,
}

/// <summary>What goes to stdout, and whether anything but warnings goes to stderr.</summary>
internal sealed record ConsoleOptions
{
    /// <summary>What is written to stdout.</summary>
    public OutputFormat Format { get; init; } = OutputFormat.Text;

    /// <summary>Whether stderr stays free of progress.</summary>
    public bool HidesProgress { get; init; }
}

/// <summary>The command line of <see cref="ConsoleOptions"/>.</summary>
internal sealed class ConsoleSymbols(bool hasProgress = true) : ICommandLine<ConsoleOptions>
{
    private static readonly ConsoleOptions Defaults = new();

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

    public ConsoleOptions Read(ParseResult line) => new()
    {
        Format = Values.Parse<OutputFormat>(line.GetRequiredValue(_format)),
        HidesProgress = hasProgress && line.GetValue(_hidesProgress),
    };
}
