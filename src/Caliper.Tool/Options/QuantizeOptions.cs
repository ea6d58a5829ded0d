using System.CommandLine;
using System.CommandLine.Parsing;
using Caliper.Conversion;
using Caliper.Search;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper quantize</c> was asked to do.</summary>
internal sealed record QuantizeOptions
{
    /// <summary>The float model.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>What calibrates; null where statistics do, or nothing.</summary>
    public required DataOptions? Data { get; init; }

    /// <summary>The statistics that take the data's place; null for none.</summary>
    public string? Calibration { get; init; }

    /// <summary>How images would be preprocessed, where no data calibrates but what batch norms tell; null where something does.</summary>
    public ImageOptions? DataFree { get; init; }

    /// <summary>The ranges batch by batch that belong to the statistics; null for none.</summary>
    public string? Trace { get; init; }

    /// <summary>What both models are evaluated on; null for the calibration data, or for nothing where there is none.</summary>
    public DataOptions? TestData { get; init; }

    /// <summary>Batches to calibrate with.</summary>
    public int Batches { get; init; } = SharedSymbols.CalibrationBatches;

    /// <summary>Where the int8 model goes.</summary>
    public required string Output { get; init; }

    /// <summary>Which observers, where.</summary>
    public SchemeOptions Scheme { get; init; } = new();

    /// <summary>Where more than 8 bits go.</summary>
    public SearchingOptions Search { get; init; } = new();

    /// <summary>Whether tensors that need more than 8 bits are searched for, and weights rounded by what they multiply: by Caliper's own qconfig
    /// unless told otherwise; PyTorch's, and those in files, say all there is to say.</summary>
    public bool IsSearching => Data is not null && !Search.Fast && (Scheme.QConfig == new SchemeOptions().QConfig || Search.IsAsked);

    /// <summary>Whether inputs are rounded by the range that they have at each run, which needs no data.</summary>
    public bool Dynamic { get; init; }

    /// <summary>Whether channels are divided as what batch norms tell suggests.</summary>
    public bool IsEqualizingDataFree =>
        DataFree is not null && !Search.Fast && Search.Recipe is null && Scheme.QConfig == new SchemeOptions().QConfig;

    /// <summary>How the int8 model is written down.</summary>
    public ConvertOptions Convert { get; init; } = new();

    /// <summary>Whether an existing output may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>Where the page for people goes; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>Percentage points of top-1 accuracy that may be lost; null for any.</summary>
    public double? MaxAccuracyDrop { get; init; }

    /// <summary>Who runs the int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>What goes to stdout and stderr.</summary>
    public ConsoleOptions Console { get; init; } = new();
}

/// <summary>The command line of <see cref="QuantizeOptions"/>.</summary>
/// <param name="tunes">Whether what the search finds is run, for some time.</param>
internal sealed class QuantizeSymbols(bool tunes) : ICommandLine<QuantizeOptions>
{
    private static readonly QuantizeOptions Defaults = new() { Model = new() { Path = "" }, Data = new() { Path = "" }, Output = "" };

    private readonly ModelSymbols _model = new();

    private readonly DataSymbols _data = new(isRequired: tunes);

    private readonly Option<string?> _calibration = new("--calibration")
    {
        HelpName = "M.calib",
        Description = "Statistics that 'caliper calibrate' made, in place of data",
    };

    private readonly Option<bool> _noData = new("--no-data")
    {
        Description = "Takes ranges from what batch norms kept of the training data, in place of data; preprocessing tells those of the input",
    };

    private readonly Option<string?> _trace = new("--trace")
    {
        HelpName = "T.json",
        Description = "The ranges batch by batch that 'caliper calibrate --trace' wrote, for moving averages",
    };

    private readonly Option<string?> _testData = new("--test-data")
    {
        HelpName = "D",
        Description = "What both models are evaluated on, preprocessed likewise; without it, the samples that calibrated",
    };

    private readonly Option<int> _batches = SharedSymbols.Batches();

    private readonly Option<string> _output = new("--output", "-o")
    {
        HelpName = "OUT.onnx",
        Description = "Where the int8 model goes",
        Required = true,
    };

    private readonly Option<bool> _overwrite = SharedSymbols.Overwrite();

    private readonly SchemeSymbols _scheme = new();

    private readonly SearchingSymbols _search = new(tunes);

    private readonly Option<string> _form = new("--onnx-form")
    {
        HelpName = "qdq|qoperator",
        Description = "How int8 is written down: float operators between DequantizeLinear and QuantizeLinear, "
            + "or integer operators",
        DefaultValueFactory = _ => Values.WordFor(Defaults.Convert.Format),
        CustomParser = Values.OneOf("qdq", "qoperator"),
    };

    private readonly Option<bool> _dynamic = new("--dynamic")
    {
        Description = "Needs no data: weights become int8, and a linear layer's input is rounded by the range that it has at each run",
    };

    private readonly Option<bool> _allowUnobserved = new("--allow-unobserved")
    {
        Description = "Keeps layers float whose observer never saw a value, which is an error otherwise",
    };

    private readonly Option<double?> _maxDrop = SharedSymbols.MaxAccuracyDrop();

    private readonly Option<string?> _page = SharedSymbols.ExplainingPage();

    private readonly EngineSymbols _engine = new();

    private readonly ConsoleSymbols _console = new();

    public void AddTo(Command command)
    {
        _model.AddTo(command);
        _data.AddTo(command);
        Option[] calibrating = tunes ? [_testData, _batches, _output, _overwrite]
            : [_calibration, _noData, _trace, _testData, _batches, _output, _overwrite];
        foreach (var option in calibrating) command.Add(option);
        _scheme.AddTo(command);
        _search.AddTo(command);
        // Tuning is choosing between what runs of data tell; dynamic quantization has none.
        if (!tunes) command.Add(_dynamic);
        Option[] converting = [_form, _allowUnobserved, _maxDrop, _page];
        foreach (var option in converting) command.Add(option);
        _engine.AddTo(command);
        _console.AddTo(command);
    }

    public void Validate(CommandResult line)
    {
        var (hasData, hasStatistics, isDataFree) = (_data.IsGiven(line), line.GetResult(_calibration) is not null, line.GetValue(_noData));
        if (line.GetValue(_dynamic)) ValidateDynamic(line);
        else if (!hasData && tunes) line.AddError("--data is required: tuning runs what it chooses among.");
        else if (!hasData && !hasStatistics && !isDataFree)
            line.AddError("--data, --calibration or --no-data is required: something has to tell the ranges.");
        if (isDataFree && (hasData || hasStatistics))
            line.AddError("--no-data takes the place of --data and --calibration; --test-data is what both models are evaluated on.");
        if (isDataFree && line.GetResult(_batches) is { Implicit: false }) line.AddError("--batches has no use with --no-data: nothing is run.");
        if (hasData && hasStatistics) line.AddError("--calibration takes the place of --data; --test-data is what both models are evaluated on.");
        _data.Validate(line);
        _search.Validate(line);
        if (!hasStatistics && line.GetResult(_trace) is not null) line.AddError("--trace needs --calibration.");
        if (!hasData) _search.ValidateWithoutData(line);
        if (hasData || line.GetResult(_testData) is not null) return;
        if (line.GetResult(_maxDrop) is not null) line.AddError("--max-accuracy-drop needs --data or --test-data to measure it on.");
        if (line.GetResult(_page) is not null) line.AddError("--report needs --data or --test-data to compare both models on.");
    }

    /// <summary>What has a use only where something calibrates.</summary>
    private void ValidateDynamic(CommandResult line)
    {
        foreach (var option in new Option[] { _calibration, _noData, _form, _page }.Where(o => line.GetResult(o) is { Implicit: false }))
            line.AddError($"{option.Name} has no use with --dynamic, which calibrates nothing.");
        if (_data.IsGiven(line)) line.AddError("--dynamic needs no --data; --test-data is what both models are evaluated on.");
    }

    /// <summary>Whoever will run the model runs it here, unless told otherwise: what is measured holds there.</summary>
    private static EngineOptions EngineFor(SearchingOptions search, EngineOptions engine) => search.Runtime is Int8Runtime.OnnxRuntime
        ? engine with { Backend = engine.Backend ?? EngineSymbols.OnnxRuntime } : engine;

    public QuantizeOptions Read(ParseResult line) => new()
    {
        Model = _model.Read(line),
        Data = _data.Read(line) is { Path.Length: > 0 } calibrating ? calibrating : null,
        Calibration = line.GetValue(_calibration),
        DataFree = line.GetValue(_noData) ? _data.Read(line).Images : null,
        Trace = line.GetValue(_trace),
        TestData = line.GetValue(_testData) is { } test ? _data.Read(line) with { Path = test } : null,
        Batches = line.GetValue(_batches),
        Output = line.GetRequiredValue(_output),
        Scheme = _scheme.Read(line),
        Dynamic = line.GetValue(_dynamic),
        Search = _search.Read(line),
        Convert = new ConvertOptions
        {
            Format = Values.Parse<QuantizedFormat>(line.GetRequiredValue(_form)),
            AllowUnobserved = line.GetValue(_allowUnobserved),
        },
        Overwrite = line.GetValue(_overwrite),
        MaxAccuracyDrop = line.GetValue(_maxDrop),
        Report = line.GetValue(_page),
        Engine = EngineFor(_search.Read(line), _engine.Read(line)),
        Console = _console.Read(line),
    };
}
