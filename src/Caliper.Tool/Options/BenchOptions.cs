using System.Collections.Immutable;
using System.CommandLine;
using Caliper.Graphs;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper bench</c> was asked to do.</summary>
internal sealed record BenchOptions
{
    /// <summary>The model, and the threads it runs on.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>What it is measured against: <c>onnxruntime</c> for the same model there, or another model; null for nothing.</summary>
    public string? Against { get; init; }

    /// <summary>Samples per run.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>What is fed: its first samples; null for random numbers.</summary>
    public DataOptions? Data { get; init; }

    /// <summary>Shapes of inputs that have free axes besides the batch, by name.</summary>
    public ImmutableDictionary<string, Shape> Shapes { get; init; } = ImmutableDictionary<string, Shape>.Empty;

    /// <summary>How long both are measured together.</summary>
    public int Seconds { get; init; } = 5;

    /// <summary>Whether the time of every layer is told.</summary>
    public bool Layers { get; init; }

    /// <summary>Who runs an int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>What goes to stdout and stderr.</summary>
    public ConsoleOptions Console { get; init; } = new();
}

/// <summary>The command line of <see cref="BenchOptions"/>.</summary>
internal sealed class BenchSymbols : ICommandLine<BenchOptions>
{
    private static readonly BenchOptions Defaults = new() { Model = new ModelOptions { Path = "" } };

    private readonly ModelSymbols _model = new(threads: 1);

    private readonly Option<string?> _against = new("--against")
    {
        HelpName = "onnxruntime|OTHER",
        Description = "Measures the same model in ONNX Runtime, or another model, in the same run, taking turns",
    };

    private readonly Option<int> _batch = Number("--batch", Defaults.Batch, "Samples per run");

    private readonly Option<ImmutableDictionary<string, Shape>> _shapes = new("--shape")
    {
        HelpName = "INPUT=N,N,...",
        Description = "The shape of an input that has free axes, such as x=1,3,48,320; may be given for several inputs",
        DefaultValueFactory = _ => Defaults.Shapes,
        CustomParser = Values.Shapes,
        AllowMultipleArgumentsPerToken = false,
        Arity = ArgumentArity.ZeroOrMore,
    };

    private readonly DataSymbols _data = new(isRequired: false, isBatched: false);

    private readonly Option<int> _seconds = Number("--seconds", Defaults.Seconds, "How long is measured");

    private readonly Option<bool> _layers = new("--layers") { Description = "Tells the time, kernel and share of the peak of every layer" };

    private readonly EngineSymbols _engine = new();

    private readonly ConsoleSymbols _console = new(hasProgress: false);

    public void AddTo(Command command)
    {
        _model.AddTo(command);
        Option[] own = [_against, _batch, _shapes, _seconds, _layers];
        foreach (var option in own) command.Add(option);
        _data.AddTo(command);
        command.Validators.Add(line =>
        {
            _data.Validate(line);
            if (_data.IsGiven(line) && line.GetResult(_shapes) is { Implicit: false })
                line.AddError("--data has shapes of its own: leave --shape out.");
        });
        _engine.AddTo(command);
        _console.AddTo(command);
    }

    public BenchOptions Read(ParseResult line) => new()
    {
        Model = _model.Read(line),
        Against = line.GetValue(_against),
        Batch = line.GetValue(_batch),
        Data = _data.IsGiven(line.CommandResult) ? _data.Read(line) with { BatchSize = line.GetValue(_batch) } : null,
        Shapes = line.GetValue(_shapes)!,
        Seconds = line.GetValue(_seconds),
        Layers = line.GetValue(_layers),
        Engine = _engine.Read(line),
        Console = _console.Read(line),
    };

    private static Option<int> Number(string name, int whenAbsent, string description) => new(name)
    {
        HelpName = "N",
        Description = description,
        DefaultValueFactory = _ => whenAbsent,
        CustomParser = Values.WholeNumber(1),
    };
}
