using System.CommandLine;
using System.CommandLine.Parsing;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper compare</c> was asked to do.</summary>
internal sealed record CompareOptions
{
    /// <summary>The float model.</summary>
    public required ModelOptions Float { get; init; }

    /// <summary>The int8 model made from it.</summary>
    public required string Int8 { get; init; }

    /// <summary>What both run on.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Batches to compare on; null for all.</summary>
    public int? Batches { get; init; }

    /// <summary>Samples on which each int8 tensor is measured alone; null for a share of them.</summary>
    public int? SensitivitySamples { get; init; }

    /// <summary>After how many seconds no further sample is measured so.</summary>
    public double SensitivitySeconds { get; init; } = 20;

    /// <summary>Where the page for people goes; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>The statistics of the float model, for the page; null for none.</summary>
    public string? Calibration { get; init; }

    /// <summary>The ranges batch by batch that belong to the statistics; null for none.</summary>
    public string? Trace { get; init; }

    /// <summary>Whether the page may replace a file.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Who runs the int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>What goes to stdout and stderr.</summary>
    public ConsoleOptions Console { get; init; } = new();
}

/// <summary>The command line of <see cref="CompareOptions"/>.</summary>
internal sealed class CompareSymbols : ICommandLine<CompareOptions>
{
    private static readonly CompareOptions Defaults = new() { Float = new() { Path = "" }, Int8 = "", Data = new() { Path = "" } };

    private readonly ModelSymbols _model = new();

    private readonly Argument<string> _int8 = new("INT8")
    {
        Description = "The int8 .onnx file that was made from it, in QDQ or QOperator form",
    };

    private readonly DataSymbols _data = new();

    private readonly Option<int?> _batches = SharedSymbols.BatchesOrAll("compare on");

    private readonly Option<int?> _sensitivitySamples = new("--sensitivity-samples")
    {
        HelpName = "N",
        Description = "Samples, evenly spaced, on which each int8 tensor is measured alone; 0 leaves the verdict out; without it, one in 64,"
            + " but 4 to 32",
        CustomParser = line => Values.WholeNumber(0)(line),
    };

    private readonly Option<double?> _sensitivitySeconds = new("--sensitivity-seconds")
    {
        HelpName = "S",
        Description = "After so long no further sample is measured so; one always is",
        DefaultValueFactory = _ => Defaults.SensitivitySeconds,
        CustomParser = Values.Seconds,
    };

    private readonly Option<string?> _page = SharedSymbols.ExplainingPage();

    private readonly Option<string?> _calibration = new("--calibration")
    {
        HelpName = "M.calib",
        Description = "Statistics that 'caliper calibrate' made of the float model:"
            + " the page then shows what other range methods would have chosen",
    };

    private readonly Option<string?> _trace = new("--trace")
    {
        HelpName = "T.json",
        Description = "The ranges batch by batch that 'caliper calibrate --trace' wrote: the page then shows the path of each range",
    };

    private readonly Option<bool> _overwrite = new("--overwrite") { Description = "Replaces an existing page" };

    private readonly EngineSymbols _engine = new();

    private readonly ConsoleSymbols _console = new();

    public void AddTo(Command command)
    {
        _model.AddTo(command);
        command.Add(_int8);
        _data.AddTo(command);
        Option[] own = [_batches, _sensitivitySamples, _sensitivitySeconds, _page, _calibration, _trace, _overwrite];
        foreach (var option in own) command.Add(option);
        _engine.AddTo(command);
        _console.AddTo(command);
    }

    public void Validate(CommandResult line)
    {
        _data.Validate(line);
        var hasStatistics = line.GetResult(_calibration) is not null;
        if (hasStatistics && line.GetResult(_page) is null) line.AddError("--calibration needs --report: the page shows it.");
        if (!hasStatistics && line.GetResult(_trace) is not null) line.AddError("--trace needs --calibration.");
    }

    public CompareOptions Read(ParseResult line) => new()
    {
        Float = _model.Read(line),
        Int8 = line.GetRequiredValue(_int8),
        Data = _data.Read(line),
        Batches = line.GetValue(_batches),
        SensitivitySamples = line.GetValue(_sensitivitySamples),
        SensitivitySeconds = line.GetValue(_sensitivitySeconds) ?? Defaults.SensitivitySeconds,
        Report = line.GetValue(_page),
        Calibration = line.GetValue(_calibration),
        Trace = line.GetValue(_trace),
        Overwrite = line.GetValue(_overwrite),
        Engine = _engine.Read(line),
        Console = _console.Read(line),
    };
}
