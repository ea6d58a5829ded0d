using System.CommandLine;
using Caliper.Tool.Consoles;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;

namespace Caliper.Tool.Commands;

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
