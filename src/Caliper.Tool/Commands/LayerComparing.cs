using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Tool.Consoles;
using Caliper.Tool.Inputs;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary>The work of <c>caliper compare</c>.</summary>
internal static class LayerComparing
{
    public static int Run(CompareOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        if (options.Report is { } page) OutputFile.Check(page, options.Overwrite, options.Float.Path, options.Int8, options.Calibration,
            options.Trace);
        var report = Progress.Run(console, options.Talk, stages => Compare(options, stages, cancellationToken));
        if (options.Talk.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else LayerComparisonText.Print(console.Result, report);
        return ExitCode.Ok;
    }

    private static LayerComparisonReport Compare(CompareOptions options, StageRun stages, CancellationToken cancellationToken)
    {
        using var model = stages.Run("load", () => ModelFile.LoadFloat(options.Float));
        using var fused = stages.Run("fuse", model.Fuse);
        var (loaded, backend) = stages.Run("load", () => LoadInt8(options));
        using var int8 = loaded;
        var data = InputData.Open(InputData.InSmallBatches(options.Data, fused), options.Data.Path, fused,
            new SampleSelection { Limit = InputData.LimitOf(options.Data, options.Batches) });
        var calibration = options.Calibration is not { } statistics ? null : stages.Run("load", () =>
            ReportPage.CalibrationOf(fused, CalibrationStatistics.Load(statistics), options.Trace is { } trace
                ? CalibrationTrace.Load(trace) : null));
        var result = stages.Run("compare", progress => LayerComparison.Compare(fused, int8, data, new LayerComparisonOptions
        {
            SensitivitySamples = options.SensitivitySamples,
            SensitivityBudget = TimeSpan.FromSeconds(options.SensitivitySeconds),
            Criterion = new CrossEntropyLoss(),
        }, progress, cancellationToken));
        if (options.Report is { } page)
        {
            var latency = stages.Run("latency", () => Latency.Of(model.Model, int8.Model, backend, data, options.Float.Threads, cancellationToken));
            stages.Run("report", () => ReportPage.Save(page, options.Float.Path, options.Int8, result, RowsOf(options, result, latency),
                calibration));
        }
        return LayerComparisonReport.Of(options, result) with
        {
            Report = options.Report,
            Stages = stages.Seconds,
            PeakMemoryBytes = Comparing.PeakMemoryBytes(),
            Diagnostics = DiagnosticReport.Of([.. int8.Diagnostics, .. result.Diagnostics]),
        };
    }

    /// <summary>Accuracy, size and speed, for the page.</summary>
    private static IEnumerable<(string Name, string Float, string Int8, string Change)> RowsOf(CompareOptions options, QuantizationReport result,
        Pair<double> latency) =>
        ComparisonText.RowsOf(ReportPage.FilesOf(options.Float.Path, options.Int8) with
        {
            Float = AccuracyReport.Of(result.Evaluation!.Reference),
            Int8 = AccuracyReport.Of(result.Evaluation.Candidate),
            Agreement = result.Evaluation.Agreement,
            LatencyMilliseconds = latency,
        }, []);

    private static (QuantizedModel, IExecutionBackend) LoadInt8(CompareOptions options)
    {
        using var file = ModelFile.Load(new ModelOptions { Path = options.Int8, Threads = options.Float.Threads });
        if (!ModelFile.IsQuantized(file.Model))
            throw new CaliperException($"'{options.Int8}' is not quantized; give the float model first, then its int8 form.");
        var (backend, diagnostics) = Int8Backend.For(file.Model, options.Engine);
        return (new QuantizedModel(file.Model, [.. diagnostics], new ExecutionOptions { Threads = options.Float.Threads, Int8Backend = backend }),
            backend);
    }
}
