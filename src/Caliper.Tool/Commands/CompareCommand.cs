using System.CommandLine;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;

namespace Caliper.Tool.Commands;

/// <summary>The command line of <c>caliper compare</c>.</summary>
internal static class CompareCommand
{
    public static Command Create(ToolConsole console, CancellationToken cancellationToken)
    {
        var (model, data, engine, talk) = (new ModelSymbols(), new DataSymbols(), new EngineSymbols(), new OutputSymbols());
        var int8 = new Argument<string>("INT8") { Description = "The int8 .onnx file that was made from it, in QDQ or QOperator form" };
        var defaults = new CompareOptions { Float = new() { Path = "" }, Int8 = "", Data = new() { Path = "" } };
        var batches = new Option<int?>("--batches")
        {
            HelpName = "N",
            Description = "Batches to compare on, their samples evenly spaced over the data; without it, all",
            CustomParser = line => Values.WholeNumber(1)(line),
        };
        var sensitivity = new Option<int?>("--sensitivity-samples")
        {
            HelpName = "N",
            Description = "Samples, evenly spaced, on which each int8 tensor is measured alone; 0 leaves the verdict out; without it, one in 64,"
                + " but 4 to 32",
            CustomParser = line => Values.WholeNumber(0)(line),
        };
        var seconds = new Option<double?>("--sensitivity-seconds")
        {
            HelpName = "S",
            Description = "After so long no further sample is measured so; one always is",
            DefaultValueFactory = _ => defaults.SensitivitySeconds,
            CustomParser = Values.Seconds,
        };
        var page = ReportSymbol();
        var calibration = new Option<string?>("--calibration")
        {
            HelpName = "M.calib",
            Description = "Statistics that 'caliper calibrate' made of the float model:"
                + " the page then shows what other range methods would have chosen",
        };
        var trace = new Option<string?>("--trace")
        {
            HelpName = "T.json",
            Description = "The ranges batch by batch that 'caliper calibrate --trace' wrote: the page then shows the path of each range",
        };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces an existing page" };
        var command = new Command("compare", "Tells tensor by tensor what int8 changes, what costs most, and what would mend it");
        model.AddTo(command);
        command.Add(int8);
        data.AddTo(command);
        command.Add(batches);
        command.Add(sensitivity);
        command.Add(seconds);
        command.Add(page);
        command.Add(calibration);
        command.Add(trace);
        command.Add(overwrite);
        engine.AddTo(command);
        talk.AddTo(command);
        command.Validators.Add(line =>
        {
            var hasStatistics = line.GetResult(calibration) is not null;
            if (hasStatistics && line.GetResult(page) is null) line.AddError("--calibration needs --report: the page shows it.");
            if (!hasStatistics && line.GetResult(trace) is not null) line.AddError("--trace needs --calibration.");
        });
        command.SetAction(line => LayerComparing.Run(new CompareOptions
        {
            Float = model.Read(line),
            Int8 = line.GetRequiredValue(int8),
            Data = data.Read(line),
            Batches = line.GetValue(batches),
            SensitivitySamples = line.GetValue(sensitivity),
            SensitivitySeconds = line.GetValue(seconds) ?? defaults.SensitivitySeconds,
            Report = line.GetValue(page),
            Calibration = line.GetValue(calibration),
            Trace = line.GetValue(trace),
            Overwrite = line.GetValue(overwrite),
            Engine = engine.Read(line),
            Talk = talk.Read(line),
        }, console, cancellationToken));
        return command;
    }

    /// <summary>The option <c>--report</c>.</summary>
    public static Option<string?> ReportSymbol() => new("--report")
    {
        HelpName = "OUT.html",
        Description = "Also writes a page that explains: verdict, map, histograms; one file that needs no network",
    };
}
