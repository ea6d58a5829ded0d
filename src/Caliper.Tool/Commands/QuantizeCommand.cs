using Caliper.Tool.Consoles;
using Caliper.Tool.Flows;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper quantize</c>: from a float model and data to an int8 model.</summary>
internal sealed class QuantizeCommand() : QuantizingCommand("quantize",
    "Makes an int8 model: fuses, calibrates on data, converts, and compares with the float model", new QuantizeSymbols(tunes: false));

/// <summary>What <c>quantize</c> and <c>tune</c> do.</summary>
internal abstract class QuantizingCommand(string name, string description, QuantizeSymbols line)
    : ToolCommand<QuantizeOptions>(name, description, line)
{
    protected override int Run(QuantizeOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        OutputFile.Check(InputFiles.Of(options), new OutputFile(options.Output, options.Overwrite),
            new OutputFile(options.Report, options.Overwrite), new OutputFile(options.Search.SaveRecipe, options.Overwrite));
        var scheme = Scheme.Of(options.Scheme);
        if ((options.Data?.Images ?? options.DataFree) is { } images) InputData.PreprocessingOf(images);
        var (findings, report) = Progress.Run(console, options.Console, stages => options.Dynamic
            ? new DynamicFlow(options, scheme, cancellationToken).Run(stages) : new QuantizationFlow(options, scheme, cancellationToken).Run(stages));
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else ComparisonText.Print(console.Result, report, findings);
        return findings.Comparison is { } result ? Gate.Judge(options.MaxAccuracyDrop, result, console) : ExitCode.Ok;
    }
}
