using System.CommandLine;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper inspect</c> was asked to do.</summary>
internal sealed record InspectOptions
{
    /// <summary>The model, or statistics in a <c>.calib</c> file.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>Which observers, where: it decides what will become int8.</summary>
    public SchemeOptions Scheme { get; init; } = new();

    /// <summary>Whether a layer that stays float unasked is a failure.</summary>
    public bool IsStrict { get; init; }

    /// <summary>What goes to stdout.</summary>
    public ConsoleOptions Console { get; init; } = new();
}

/// <summary>The command line of <see cref="InspectOptions"/>.</summary>
internal sealed class InspectSymbols : ICommandLine<InspectOptions>
{
    private readonly ModelSymbols _model = new();

    private readonly SchemeSymbols _scheme = new();

    private readonly ConsoleSymbols _console = new(hasProgress: false);

    private readonly Option<bool> _strict = new("--strict")
    {
        Description = $"Exit code {ExitCode.Failed} where a layer stays float that neither --exclude nor the qconfig keeps float",
    };

    public void AddTo(Command command)
    {
        _model.AddTo(command);
        _scheme.AddTo(command);
        _console.AddTo(command);
        command.Add(_strict);
    }

    public InspectOptions Read(ParseResult line) => new()
    {
        Model = _model.Read(line),
        Scheme = _scheme.Read(line),
        IsStrict = line.GetValue(_strict),
        Console = _console.Read(line),
    };
}
