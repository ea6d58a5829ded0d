using Caliper.Tool.Consoles;
using Caliper.Tool.Flows;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper evaluate</c>: accuracy and loss of one model, or of two side by side.</summary>
internal sealed class EvaluateCommand() : ToolCommand<EvaluateOptions>("evaluate",
    "Measures Acc@1, Acc@5 and loss of a float or int8 model; with --against, compares two", new EvaluateSymbols())
{
    protected override int Run(EvaluateOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        var flow = new EvaluationFlow(options, cancellationToken);
        return options.Against is { } against ? Compare(flow, against, options, console) : Evaluate(flow, options, console);
    }

    private static int Evaluate(EvaluationFlow flow, EvaluateOptions options, ToolConsole console)
    {
        var report = Progress.Run(console, options.Console, flow.Evaluate);
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else EvaluationText.Print(console.Result, report);
        return ExitCode.Ok;
    }

    private static int Compare(EvaluationFlow flow, string against, EvaluateOptions options, ToolConsole console)
    {
        var (findings, report) = Progress.Run(console, options.Console, stages => flow.Compare(against, stages));
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else ComparisonText.Print(console.Result, report, findings);
        var (accuracy, vectors) = (Gate.Judge(options.MaxAccuracyDrop, findings.Comparison!, console), Gate.Judge(options, report.Vectors, console));
        return accuracy == ExitCode.Ok ? vectors : accuracy;
    }
}
