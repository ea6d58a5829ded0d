using System.CommandLine;
using System.CommandLine.Parsing;

namespace Caliper.Tool.Options;

/// <summary>What <c>caliper calibrate</c> was asked to do.</summary>
internal sealed record CalibrateOptions
{
    /// <summary>The float model.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>What calibrates.</summary>
    public required DataOptions Data { get; init; }

    /// <summary>Batches to calibrate with.</summary>
    public int Batches { get; init; } = SharedSymbols.CalibrationBatches;

    /// <summary>Which share of these is this process's.</summary>
    public Shard Shard { get; init; } = new(1, 1);

    /// <summary>Where the statistics go.</summary>
    public required string Output { get; init; }

    /// <summary>Where each batch's ranges go; null for nowhere.</summary>
    public string? Trace { get; init; }

    /// <summary>Where the page for people goes; null for none.</summary>
    public string? Report { get; init; }

    /// <summary>A recipe, by which the network's channels are divided before it is observed; null for none.</summary>
    public string? Recipe { get; init; }

    /// <summary>Whether the statistics that are there already are continued.</summary>
    public bool Resume { get; init; }

    /// <summary>Whether to stop as soon as no range moves any more.</summary>
    public bool UntilStable { get; init; }

    /// <summary>Whether to show the layers that move most while it runs.</summary>
    public bool Watch { get; init; }

    /// <summary>The range method that convergence is judged by.</summary>
    public string Method { get; init; } = Scheme.DefaultMethod;

    /// <summary>Seconds between saves while it runs: what a killed process loses at most.</summary>
    public double SaveEvery { get; init; } = 5;

    /// <summary>Whether an existing output may be replaced.</summary>
    public bool Overwrite { get; init; }

    /// <summary>What goes to stdout and stderr.</summary>
    public ConsoleOptions Console { get; init; } = new();
}

/// <summary>The command line of <see cref="CalibrateOptions"/>.</summary>
internal sealed class CalibrateSymbols : ICommandLine<CalibrateOptions>
{
    private static readonly CalibrateOptions Defaults = new() { Model = new() { Path = "" }, Data = new() { Path = "" }, Output = "" };

    private readonly ModelSymbols _model = new();

    private readonly DataSymbols _data = new();

    private readonly Option<int> _batches = SharedSymbols.Batches();

    private readonly Option<Shard> _shard = new("--shard")
    {
        HelpName = "I/N",
        Description = "Takes the I-th of N shares of the samples; 'caliper merge' puts the results together",
        DefaultValueFactory = _ => Defaults.Shard,
        CustomParser = Values.ShardOf,
    };

    private readonly Option<string> _output = SharedSymbols.Statistics();

    private readonly Option<bool> _overwrite = SharedSymbols.Overwrite();

    private readonly Option<bool> _resume = new("--resume") { Description = "Continues the statistics in the output with the samples they lack" };

    private readonly Option<string?> _trace = new("--trace")
    {
        HelpName = "T.json",
        Description = "Also writes the range of each tensor batch by batch, which moving averages need",
    };

    private readonly Option<string?> _recipe = new("--recipe")
    {
        HelpName = "R.json",
        Description = "Observes the network with its channels divided as this recipe says, for 'caliper quantize' with the same recipe",
    };

    private readonly Option<bool> _untilStable = new("--until-stable")
    {
        Description = "Stops as soon as more data would not change the ranges",
    };

    private readonly Option<bool> _watch = new("--watch") { Description = "Shows, while it runs, the tensors whose range still moves most" };

    private readonly Option<string> _method = new("--method")
    {
        HelpName = "NAME",
        Description = $"The range method that convergence is judged by, and whose ranges the page shows: {string.Join(", ", Scheme.MethodNames)}",
        DefaultValueFactory = _ => Defaults.Method,
    };

    private readonly Option<string?> _page = new("--report")
    {
        HelpName = "OUT.html",
        Description = "Also writes a page: for each tensor its histogram, the path of its range, and what each range method chooses",
    };

    private readonly Option<double?> _saveEvery = new("--save-every")
    {
        HelpName = "SECONDS",
        Description = "How often the statistics are saved while it runs: what a killed process loses at most",
        DefaultValueFactory = _ => Defaults.SaveEvery,
        CustomParser = Values.Seconds,
    };

    private readonly ConsoleSymbols _console = new();

    public void AddTo(Command command)
    {
        _model.AddTo(command);
        _data.AddTo(command);
        Option[] own = [_batches, _shard, _output, _overwrite, _resume, _recipe, _trace, _untilStable, _watch, _method, _page, _saveEvery];
        foreach (var option in own) command.Add(option);
        _console.AddTo(command);
    }

    public void Validate(CommandResult line)
    {
        _data.Validate(line);
        if (line.GetResult(_resume) is not null && line.GetResult(_trace) is not null)
            line.AddError("--trace records a run from its first batch on and does not go with --resume.");
    }

    public CalibrateOptions Read(ParseResult line) => new()
    {
        Model = _model.Read(line),
        Data = _data.Read(line),
        Batches = line.GetValue(_batches),
        Shard = line.GetValue(_shard)!,
        Output = line.GetRequiredValue(_output),
        Trace = line.GetValue(_trace),
        Report = line.GetValue(_page),
        Recipe = line.GetValue(_recipe),
        Resume = line.GetValue(_resume),
        UntilStable = line.GetValue(_untilStable),
        Watch = line.GetValue(_watch),
        Method = line.GetRequiredValue(_method),
        SaveEvery = line.GetValue(_saveEvery) ?? Defaults.SaveEvery,
        Overwrite = line.GetValue(_overwrite),
        Console = _console.Read(line),
    };
}
