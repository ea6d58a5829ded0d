using System.CommandLine;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;

namespace Caliper.Tool.Commands;

/// <summary>The command line of <c>caliper calibrate</c>.</summary>
internal static class CalibrateCommand
{
    private static readonly CalibrateOptions Defaults = new() { Model = new() { Path = "" }, Data = new() { Path = "" }, Output = "" };

    public static Command Create(ToolConsole console, CancellationToken cancellationToken)
    {
        var (model, data, talk) = (new ModelSymbols(), new DataSymbols(), new OutputSymbols());
        var output = new Option<string>("--output", "-o") { HelpName = "M.calib", Description = "Where the statistics go", Required = true };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces an existing output, which is an error otherwise" };
        var batches = CalibrationBatches.Symbol();
        var shard = new Option<Shard>("--shard")
        {
            HelpName = "I/N",
            Description = "Takes the I-th of N shares of the samples; 'caliper merge' puts the results together",
            DefaultValueFactory = _ => Defaults.Shard,
            CustomParser = Values.ShardOf,
        };
        var trace = new Option<string?>("--trace")
        {
            HelpName = "T.json",
            Description = "Also writes the range of each tensor batch by batch, which moving averages need",
        };
        var resume = new Option<bool>("--resume") { Description = "Continues the statistics in the output with the samples they lack" };
        var untilStable = new Option<bool>("--until-stable") { Description = "Stops as soon as more data would not change the ranges" };
        var watch = new Option<bool>("--watch") { Description = "Shows, while it runs, the tensors whose range still moves most" };
        var method = new Option<string>("--method")
        {
            HelpName = "NAME",
            Description = $"The range method that convergence is judged by, and whose ranges the page shows: {string.Join(", ", Scheme.MethodNames)}",
            DefaultValueFactory = _ => Defaults.Method,
        };
        var saveEvery = new Option<double?>("--save-every")
        {
            HelpName = "SECONDS",
            Description = "How often the statistics are saved while it runs: what a killed process loses at most",
            DefaultValueFactory = _ => Defaults.SaveEvery,
            CustomParser = Values.Seconds,
        };
        var page = new Option<string?>("--report")
        {
            HelpName = "OUT.html",
            Description = "Also writes a page: for each tensor its histogram, the path of its range, and what each range method chooses",
        };
        var command = new Command("calibrate",
            "Observes a float model on data, once, and keeps statistics from which every scale can be computed later");
        model.AddTo(command);
        data.AddTo(command);
        Option[] own = [batches, shard, output, overwrite, resume, trace, untilStable, watch, method, page, saveEvery];
        foreach (var option in own) command.Add(option);
        talk.AddTo(command);
        command.Validators.Add(line =>
        {
            if (line.GetResult(resume) is not null && line.GetResult(trace) is not null)
                line.AddError("--trace records a run from its first batch on and does not go with --resume.");
        });
        command.SetAction(line => Calibrating.Run(new CalibrateOptions
        {
            Model = model.Read(line),
            Data = data.Read(line),
            Batches = line.GetValue(batches),
            Shard = line.GetValue(shard)!,
            Output = line.GetRequiredValue(output),
            Trace = line.GetValue(trace),
            Report = line.GetValue(page),
            Resume = line.GetValue(resume),
            UntilStable = line.GetValue(untilStable),
            Watch = line.GetValue(watch),
            Method = line.GetRequiredValue(method),
            SaveEvery = line.GetValue(saveEvery) ?? Defaults.SaveEvery,
            Overwrite = line.GetValue(overwrite),
            Talk = talk.Read(line),
        }, console, cancellationToken));
        return command;
    }
}
