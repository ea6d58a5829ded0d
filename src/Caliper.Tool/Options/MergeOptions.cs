using System.Collections.Immutable;
using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper merge</c> was asked to do.</summary>
internal sealed record MergeOptions
{
    /// <summary>Files with the statistics of one model on different samples; at least one.</summary>
    public required ImmutableArray<string> Parts { get; init; }

    /// <summary>Where the statistics of all go.</summary>
    public required string Output { get; init; }

    /// <summary>Whether an existing output may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>What goes to stdout.</summary>
    public ConsoleOptions Console { get; init; } = new();
}

/// <summary>The command line of <see cref="MergeOptions"/>.</summary>
internal sealed class MergeSymbols : ICommandLine<MergeOptions>
{
    private readonly Argument<string[]> _parts = new("PARTS")
    {
        HelpName = "A.calib B.calib",
        Description = "Statistics of one model on different samples",
        Arity = ArgumentArity.OneOrMore,
    };

    private readonly Option<string> _output = SharedSymbols.Statistics();

    private readonly Option<bool> _overwrite = SharedSymbols.Overwrite();

    private readonly ConsoleSymbols _console = new(hasProgress: false);

    public void AddTo(Command command)
    {
        command.Add(_parts);
        command.Add(_output);
        command.Add(_overwrite);
        _console.AddTo(command);
    }

    public MergeOptions Read(ParseResult line) => new()
    {
        Parts = [.. line.GetRequiredValue(_parts)],
        Output = line.GetRequiredValue(_output),
        Overwrite = line.GetValue(_overwrite),
        Console = _console.Read(line),
    };
}
