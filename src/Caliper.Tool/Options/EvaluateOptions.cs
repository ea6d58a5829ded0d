using System.CommandLine;
using System.CommandLine.Parsing;
using Caliper.Evaluation;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper evaluate</c> was asked to do.</summary>
internal sealed record EvaluateOptions
{
    /// <summary>The model, float or int8.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>The float model that it is compared with; null to evaluate alone.</summary>
    public string? Against { get; init; }

    /// <summary>What the data that calibrated looked like; null where it is not known.</summary>
    public string? Calibration { get; init; }

    /// <summary>What it is evaluated on.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Batches to evaluate; null for all.</summary>
    public int? Batches { get; init; }

    /// <summary>Percentage points of top-1 accuracy that may be lost; null for any.</summary>
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>How an output becomes a vector a sample, to be compared as such; null where it is none.</summary>
    public Pooling? Pooling { get; init; }

    /// <summary>The least cosine that any sample's two vectors may have; null for any.</summary>
    public double? MinCosine { get; init; }

    /// <summary>The least recall@10, in percent; null for any.</summary>
    public double? MinRecall { get; init; }

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

    private readonly Option<string?> _calibration = new("--calibration")
    {
        HelpName = "M.calib",
        Description = "Statistics that 'caliper calibrate' made of the float model: what the ranges clip at calibration, to judge what they clip now",
    };

    private readonly DataSymbols _data = new();

    private readonly Option<int?> _batches = SharedSymbols.BatchesOrAll("evaluate");

    private readonly Option<double?> _maxDrop = SharedSymbols.MaxAccuracyDrop();

    private readonly Option<string?> _pooling = new("--pooling")
    {
        HelpName = "mean|cls|none",
        Description = "Compares a vector a sample: the mean of its tokens', the first's, or the output itself; cosine, and recall of a float index",
        CustomParser = Values.OneOf("mean", "cls", "none"),
    };

    private readonly Option<double?> _minCosine = new("--min-cosine")
    {
        HelpName = "X",
        Description = $"Exit code {ExitCode.QualityGateMissed} where the cosine between a sample's two vectors is less than this",
        CustomParser = Values.Number,
    };

    private readonly Option<double?> _minRecall = new("--min-recall")
    {
        HelpName = "PERCENT",
        Description = $"Exit code {ExitCode.QualityGateMissed} where a float index that is asked with int8 vectors finds less of the ten nearest",
        CustomParser = Values.Points,
    };

    private readonly EngineSymbols _engine = new();

    private readonly ConsoleSymbols _console = new();

    public void AddTo(Command command)
    {
        _model.AddTo(command);
        command.Add(_against);
        command.Add(_calibration);
        _data.AddTo(command);
        command.Add(_batches);
        Option[] gates = [_maxDrop, _pooling, _minCosine, _minRecall];
        foreach (var option in gates) command.Add(option);
        _engine.AddTo(command);
        _console.AddTo(command);
    }

    public void Validate(CommandResult line)
    {
        _data.Validate(line);
        if (line.GetResult(_calibration) is not null && line.GetResult(_against) is null)
            line.AddError("--calibration needs --against: the float model's values are held against the ranges.");
        if (line.GetResult(_pooling) is not null && line.GetResult(_against) is null)
            line.AddError("--pooling needs --against: vectors are compared with those of another model.");
        foreach (var gate in new Option[] { _minCosine, _minRecall })
        {
            if (line.GetResult(gate) is not null && line.GetResult(_pooling) is null)
                line.AddError($"{gate.Name} needs --pooling: it judges vectors.");
        }
        if (line.GetResult(_maxDrop) is not null && line.GetResult(_against) is null)
            line.AddError("--max-accuracy-drop needs --against: a drop is measured between two models.");
    }

    public EvaluateOptions Read(ParseResult line) => new()
    {
        Model = _model.Read(line),
        Against = line.GetValue(_against),
        Calibration = line.GetValue(_calibration),
        Data = _data.Read(line),
        Batches = line.GetValue(_batches),
        MaxAccuracyDrop = line.GetValue(_maxDrop),
        Pooling = line.GetValue(_pooling) is { } word ? Values.Parse<Pooling>(word) : null,
        MinCosine = line.GetValue(_minCosine),
        MinRecall = line.GetValue(_minRecall),
        Engine = _engine.Read(line),
        Console = _console.Read(line),
    };
}
