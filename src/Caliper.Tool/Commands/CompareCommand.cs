using Caliper.Tool.Consoles;
using Caliper.Tool.Flows;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper compare</c>: what int8 changes, tensor by tensor.</summary>
internal sealed class CompareCommand() : ToolCommand<CompareOptions>("compare",
    "Tells tensor by tensor what int8 changes, what costs most, and what would mend it", new CompareSymbols())
{
    protected override int Run(CompareOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        OutputFile.Check(InputFiles.Of(options), new OutputFile(options.Report, options.Overwrite));
        var flow = new LayerComparisonFlow(options, cancellationToken);
        var (result, report) = Progress.Run(console, options.Console, flow.Run);
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else LayerComparisonText.Print(console.Result, report, result);
        return ExitCode.Ok;
    }
}
