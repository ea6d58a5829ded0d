using System.CommandLine;
using Caliper.Conversion;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;

namespace Caliper.Tool.Commands;

/// <summary>The command line of <c>caliper quantize</c>.</summary>
internal static class QuantizeCommand
{
    private static readonly ModelOptions NoModel = new() { Path = "" };
    private static readonly DataOptions NoData = new() { Path = "" };
    private static readonly QuantizeOptions Defaults = new() { Model = NoModel, Data = NoData, Output = "" };

    public static Command Create(ToolConsole console, CancellationToken cancellationToken)
    {
        var (model, data, scheme, engine, talk) =
            (new ModelSymbols(), new DataSymbols(isRequired: false), new SchemeSymbols(), new EngineSymbols(), new OutputSymbols());
        var output = new Option<string>("--output", "-o")
        {
            HelpName = "OUT.onnx",
            Description = "Where the int8 model goes",
            Required = true,
        };
        var overwrite = new Option<bool>("--overwrite") { Description = "Replaces an existing output, which is an error otherwise" };
        var calibration = new Option<string?>("--calibration")
        {
            HelpName = "M.calib",
            Description = "Statistics that 'caliper calibrate' made, in place of data",
        };
        var trace = new Option<string?>("--trace")
        {
            HelpName = "T.json",
            Description = "The ranges batch by batch that 'caliper calibrate --trace' wrote, for moving averages",
        };
        var testData = new Option<string?>("--test-data")
        {
            HelpName = "D",
            Description = "What both models are evaluated on, preprocessed likewise; without it, the samples that calibrated",
        };
        var batches = CalibrationBatches.Symbol();
        var format = new Option<string>("--onnx-form")
        {
            HelpName = "qdq|qoperator",
            Description = "How int8 is written down: float operators between DequantizeLinear and QuantizeLinear, "
                + "or integer operators",
            DefaultValueFactory = _ => Values.WordFor(Defaults.Convert.Format),
            CustomParser = Values.OneOf("qdq", "qoperator"),
        };
        var allowUnobserved = new Option<bool>("--allow-unobserved")
        {
            Description = "Keeps layers float whose observer never saw a value, which is an error otherwise",
        };
        var maxDrop = Gate.Symbol();
        var page = CompareCommand.ReportSymbol();

        var command = new Command("quantize",
            "Makes an int8 model: fuses, calibrates on data, converts, and compares with the float model");
        model.AddTo(command);
        data.AddTo(command);
        Option[] own = [calibration, trace, testData, batches, output, overwrite];
        foreach (var option in own) command.Add(option);
        scheme.AddTo(command);
        own = [format, allowUnobserved, maxDrop, page];
        foreach (var option in own) command.Add(option);
        engine.AddTo(command);
        talk.AddTo(command);
        command.Validators.Add(line =>
        {
            var (hasData, hasStatistics) = (data.IsGiven(line), line.GetResult(calibration) is not null);
            if (!hasData && !hasStatistics) line.AddError("--data or --calibration is required: something has to tell the ranges.");
            if (hasData && hasStatistics) line.AddError("--calibration takes the place of --data; --test-data is what both models are evaluated on.");
            if (!hasStatistics && line.GetResult(trace) is not null) line.AddError("--trace needs --calibration.");
            if (!hasData && line.GetResult(testData) is null && line.GetResult(maxDrop) is not null)
                line.AddError("--max-accuracy-drop needs --data or --test-data to measure it on.");
            if (!hasData && line.GetResult(testData) is null && line.GetResult(page) is not null)
                line.AddError("--report needs --data or --test-data to compare both models on.");
        });
        command.SetAction(line => Quantizing.Run(new QuantizeOptions
        {
            Model = model.Read(line),
            Data = data.Read(line) is { Path.Length: > 0 } calibrating ? calibrating : null,
            Calibration = line.GetValue(calibration),
            Trace = line.GetValue(trace),
            TestData = line.GetValue(testData) is { } test ? data.Read(line) with { Path = test } : null,
            Batches = line.GetValue(batches),
            Output = line.GetRequiredValue(output),
            Scheme = scheme.Read(line),
            Convert = new ConvertOptions
            {
                Format = Values.Parse<QuantizedFormat>(line.GetRequiredValue(format)),
                AllowUnobserved = line.GetValue(allowUnobserved),
            },
            Overwrite = line.GetValue(overwrite),
            MaxAccuracyDrop = line.GetValue(maxDrop),
            Report = line.GetValue(page),
            Engine = engine.Read(line),
            Talk = talk.Read(line),
        }, console, cancellationToken));
        return command;
    }
}
