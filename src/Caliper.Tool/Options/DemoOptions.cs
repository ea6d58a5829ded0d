using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper demo</c> was asked to do.</summary>
internal sealed record DemoOptions
{
    /// <summary>Where the sample is saved; null for nowhere.</summary>
    public string? Folder { get; init; }

    /// <summary>What goes to stdout and stderr.</summary>
    public ConsoleOptions Console { get; init; } = new();
}

/// <summary>The command line of <see cref="DemoOptions"/>.</summary>
internal sealed class DemoSymbols : ICommandLine<DemoOptions>
{
    private readonly Option<string?> _folder = new("--output", "-o")
    {
        HelpName = "FOLDER",
        Description = "Saves the models, the images and the page about int8 there; without it,"
            + " the page alone goes to the folder for temporary files",
    };

    private readonly ConsoleSymbols _console = new();

    public void AddTo(Command command)
    {
        command.Add(_folder);
        _console.AddTo(command);
    }

    public DemoOptions Read(ParseResult line) => new() { Folder = line.GetValue(_folder), Console = _console.Read(line) };
}
