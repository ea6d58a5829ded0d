using System.CommandLine;
using System.CommandLine.Parsing;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper evaluate</c> was asked to do.</summary>
internal sealed record EvaluateOptions
{
    /// <summary>The model, float or int8.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>The float model that it is compared with; null to evaluate alone.</summary>
    public string? Against { get; init; }

    /// <summary>What it is evaluated on.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Batches to evaluate; null for all.</summary>
    public int? Batches { get; init; }

    /// <summary>Percentage points of top-1 accuracy that may be lost; null for any.</summary>
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>Who runs an int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>What goes to stdout and stderr.</summary>
    public ConsoleOptions Console { get; init; } = new();
}

/// <summary>The command line of <see cref="EvaluateOptions"/>.</summary>
internal sealed class EvaluateSymbols : ICommandLine<EvaluateOptions>
{
    private readonly ModelSymbols _model = new();

    private readonly Option<string?> _against = new("--against")
    {
        HelpName = "FLOAT",
        Description = "The float model to compare with: agreement, noise, and both accuracies",
    };

    private readonly DataSymbols _data = new();

    private readonly Option<int?> _batches = SharedSymbols.BatchesOrAll("evaluate");

    private readonly Option<double?> _maxDrop = SharedSymbols.MaxAccuracyDrop();

    private readonly EngineSymbols _engine = new();

    private readonly ConsoleSymbols _console = new();

    public void AddTo(Command command)
    {
        _model.AddTo(command);
        command.Add(_against);
        _data.AddTo(command);
        command.Add(_batches);
        command.Add(_maxDrop);
        _engine.AddTo(command);
        _console.AddTo(command);
    }

    public void Validate(CommandResult line)
    {
        if (line.GetResult(_maxDrop) is not null && line.GetResult(_against) is null)
            line.AddError("--max-accuracy-drop needs --against: a drop is measured between two models.");
    }

    public EvaluateOptions Read(ParseResult line) => new()
    {
        Model = _model.Read(line),
        Against = line.GetValue(_against),
        Data = _data.Read(line),
        Batches = line.GetValue(_batches),
        MaxAccuracyDrop = line.GetValue(_maxDrop),
        Engine = _engine.Read(line),
        Console = _console.Read(line),
    };
}
