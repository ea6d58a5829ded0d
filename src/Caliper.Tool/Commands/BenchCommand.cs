using System.CommandLine;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;

namespace Caliper.Tool.Commands;

/// <summary>What <c>caliper bench</c> was asked to do.</summary>
internal sealed record BenchOptions
{
    /// <summary>The model, and the threads it runs on.</summary>
    public required ModelOptions Model { get; init; }

    /// <summary>What it is measured against: <c>onnxruntime</c> for the same model there, or another model; null for nothing.</summary>
    public string? Against { get; init; }

    /// <summary>Samples per run.</summary>
    public int Batch { get; init; } = 1;

    /// <summary>How long both are measured together.</summary>
    public int Seconds { get; init; } = 5;

    /// <summary>Whether the time of every layer is told.</summary>
    public bool Layers { get; init; }

    /// <summary>Who runs an int8 model.</summary>
    public EngineOptions Engine { get; init; } = new();

    /// <summary>How the command talks.</summary>
    public OutputOptions Talk { get; init; } = new();
}

/// <summary>The command line of <c>caliper bench</c>.</summary>
internal static class BenchCommand
{
    private static readonly BenchOptions Defaults = new() { Model = new ModelOptions { Path = "" } };

    public static Command Create(ToolConsole console, CancellationToken cancellationToken)
    {
        var (model, engine, talk) = (new ModelSymbols(threads: 1), new EngineSymbols(), new OutputSymbols(hasProgress: false));
        var against = new Option<string?>("--against")
        {
            HelpName = "onnxruntime|OTHER",
            Description = "Measures the same model in ONNX Runtime, or another model, in the same run, taking turns",
        };
        var batch = Number("--batch", Defaults.Batch, "Samples per run");
        var seconds = Number("--seconds", Defaults.Seconds, "How long is measured");
        var layers = new Option<bool>("--layers") { Description = "Tells the time, kernel and share of the peak of every layer" };
        var command = new Command("bench", "Measures latency, throughput and share of the processor's peak; with --against, compares");
        model.AddTo(command);
        Option[] own = [against, batch, seconds, layers];
        foreach (var option in own) command.Add(option);
        engine.AddTo(command);
        talk.AddTo(command);
        command.SetAction(line => Benching.Run(new BenchOptions
        {
            Model = model.Read(line),
            Against = line.GetValue(against),
            Batch = line.GetValue(batch),
            Seconds = line.GetValue(seconds),
            Layers = line.GetValue(layers),
            Engine = engine.Read(line),
            Talk = talk.Read(line),
        }, console, cancellationToken));
        return command;
    }

    private static Option<int> Number(string name, int whenAbsent, string description) => new(name)
    {
        HelpName = "N",
        Description = description,
        DefaultValueFactory = _ => whenAbsent,
        CustomParser = Values.WholeNumber(1),
    };
}
