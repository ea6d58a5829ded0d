using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Caliper.Tool.Inputs;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary>The work of <c>caliper evaluate</c>.</summary>
internal static class Evaluating
{
    public static int Run(EvaluateOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        if (options.Against is not null) return Compare(options, options.Against, console, cancellationToken);
        var report = Progress.Run(console, options.Talk, stages => Evaluate(options, stages, cancellationToken));
        if (options.Talk.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else EvaluationText.Print(console.Result, report);
        return ExitCode.Ok;
    }

    private static int Compare(
        EvaluateOptions options, string against, ToolConsole console, CancellationToken cancellationToken)
    {
        var (result, report) = Progress.Run(console, options.Talk, stages => Compare(options, against, stages, cancellationToken));
        if (options.Talk.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else ComparisonText.Print(console.Result, report, result.Sqnr);
        return Gate.Judge(options.MaxAccuracyDrop, result, console);
    }

    private static EvaluationReport Evaluate(
        EvaluateOptions options, StageRun stages, CancellationToken cancellationToken)
    {
        var (loaded, backend, diagnostics) = stages.Run("load", () => ModelFile.LoadFor(options.Model, options.Engine));
        using var model = loaded;
        var data = InputData.Open(options.Data, options.Data.Path, model, options.Batches);
        var result = stages.Run("evaluate", progress =>
            Evaluator.Evaluate(model, new CrossEntropyLoss(), data, options.Batches, progress, cancellationToken));
        var latency = stages.Run("latency", () =>
            Latency.MedianMilliseconds(model.Model, backend, data.First(), options.Model.Threads, cancellationToken));
        var accuracy = AccuracyReport.Of(result);
        return new EvaluationReport
        {
            Model = options.Model.Path,
            Evaluation = new DataReport(options.Data.Path, result.Samples, result.Batches),
            Acc1 = accuracy?.Acc1,
            Acc5 = accuracy?.Acc5,
            Loss = accuracy?.Loss,
            SizeBytes = ModelFile.SizeOf(options.Model.Path),
            LatencyMilliseconds = latency,
            Stages = stages.Seconds,
            PeakMemoryBytes = Comparing.PeakMemoryBytes(),
            Diagnostics = DiagnosticReport.Of(diagnostics),
        };
    }

    private static (ComparisonResult, ComparisonReport) Compare(
        EvaluateOptions options, string against, StageRun stages, CancellationToken cancellationToken)
    {
        using var reference = stages.Run("load", () => ModelFile.Load(options.Model with { Path = against }));
        var (loaded, backend, diagnostics) = stages.Run("load", () => ModelFile.LoadFor(options.Model, options.Engine));
        using var candidate = loaded;
        var data = InputData.Open(options.Data, options.Data.Path, candidate, options.Batches);
        Gate.Check(options.MaxAccuracyDrop, data, options.Data.Path);
        var result = stages.Run("evaluate", progress => ModelComparison.Compare(
            reference, candidate, new CrossEntropyLoss(), data, options.Batches, progress, cancellationToken));
        var latency = stages.Run("latency", () =>
            Latency.Of(reference.Model, candidate.Model, backend, data, options.Model.Threads, cancellationToken));
        return (result, new ComparisonReport
        {
            Model = against,
            Output = options.Model.Path,
            Evaluation = new DataReport(options.Data.Path, result.Reference.Samples, result.Reference.Batches),
            Float = AccuracyReport.Of(result.Reference),
            Int8 = AccuracyReport.Of(result.Candidate),
            Agreement = result.Agreement,
            SqnrDecibels = Comparing.FiniteSqnr(result),
            SizeBytes = new Pair<long>(ModelFile.SizeOf(against), ModelFile.SizeOf(options.Model.Path)),
            LatencyMilliseconds = latency,
            Stages = stages.Seconds,
            PeakMemoryBytes = Comparing.PeakMemoryBytes(),
            Diagnostics = DiagnosticReport.Of(diagnostics),
        });
    }
}
