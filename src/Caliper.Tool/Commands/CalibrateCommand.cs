using Caliper.Tool.Consoles;
using Caliper.Tool.Flows;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper calibrate</c>: keeps statistics from which every scale can be computed later.</summary>
internal sealed class CalibrateCommand() : ToolCommand<CalibrateOptions>("calibrate",
    "Observes a float model on data, once, and keeps statistics from which every scale can be computed later", new CalibrateSymbols())
{
    protected override int Run(CalibrateOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        OutputFile.Check(InputFiles.Of(options), new OutputFile(options.Output, options.Overwrite || options.Resume),
            new OutputFile(options.Trace, options.Overwrite), new OutputFile(options.Report, options.Overwrite));
        var method = Scheme.MethodOf(options.Method);
        InputData.PreprocessingOf(options.Data.Images);
        var flow = new CalibrationFlow(options, method, cancellationToken);
        var report = options.Watch
            ? ConvergenceView.Run(console, flow.Meter, view =>
                flow.Run(new StageRun(new SilentDisplay(), new StageClock()), view))
            : Progress.Run(console, options.Console, stages => flow.Run(stages));
        if (options.Console.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else CalibrationText.Print(console.Result, report);
        if (!report.IsInterrupted) return ExitCode.Ok;
        console.StatusWriter.WriteLine($"caliper: interrupted; {options.Output} holds what was observed so far, and --resume continues it.");
        return ExitCode.Interrupted;
    }
}
