using Caliper.Analysis;
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

/// <summary>The work of <c>caliper quantize</c>: the flow of the library, stage by stage.</summary>
internal static class Quantizing
{
    public static int Run(QuantizeOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        OutputFile.Check(options.Output, options.Overwrite, options.Model.Path, options.Calibration, options.Trace);
        if (options.Report is { } page) OutputFile.Check(page, options.Overwrite, options.Model.Path, options.Output, options.Calibration,
            options.Trace);
        var scheme = Scheme.Of(options.Scheme);
        if (options.Data is { } data) InputData.PreprocessingOf(data.Images);
        var (result, report) = Progress.Run(console, options.Talk, stages => Quantize(options, scheme, stages, cancellationToken));
        if (options.Talk.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else ComparisonText.Print(console.Result, report, result?.Sqnr ?? []);
        return result is null ? ExitCode.Ok : Gate.Judge(options.MaxAccuracyDrop, result, console);
    }

    private const int ReportBatches = 4;

    private static (ComparisonResult?, ComparisonReport) Quantize(
        QuantizeOptions options, QConfigMapping scheme, StageRun stages, CancellationToken cancellationToken)
    {
        using var model = stages.Run("load", () => ModelFile.LoadFloat(options.Model));
        var source = CalibrationSource.Open(options, model);
        var test = options.TestData is { } testData ? InputData.Open(testData, testData.Path, model) : source.Data;
        if (test is not null) Gate.Check(options.MaxAccuracyDrop, test, TestPathOf(options)!);

        using var fused = stages.Run("fuse", model.Fuse);
        using var prepared = stages.Run("prepare", () => fused.Prepare(scheme));
        var calibrated = stages.Run("calibrate", progress => source.Calibrate(prepared, progress, cancellationToken));
        // What the page tells of the calibration must belong to the model: better wrong before the output is written than behind it.
        var calibration = options.Report is null ? null : stages.Run("observe", progress =>
        {
            var (statistics, trace) = source.Observe(fused, progress, cancellationToken);
            return ReportPage.CalibrationOf(fused, statistics, trace, scheme);
        });
        using var converted = stages.Run("convert", () => prepared.Convert(options.Convert));
        // Only a model that is run needs someone to run it.
        var (backend, diagnostics) = test is null ? (OnnxRuntimeBackend.Instance, []) : Int8Backend.For(converted.Model, options.Engine);
        using var quantized = new QuantizedModel(converted.Model, [.. converted.Diagnostics, .. diagnostics],
            new ExecutionOptions { Threads = options.Model.Threads, Int8Backend = backend });
        var result = test is null ? null : stages.Run("evaluate", progress =>
            ModelComparison.Compare(model, quantized, new CrossEntropyLoss(), test, null, progress, cancellationToken));
        var latency = test is null ? null : stages.Run("latency", () =>
            Latency.Of(model.Model, quantized.Model, backend, test, options.Model.Threads, cancellationToken));
        var layers = options.Report is null ? null : stages.Run("report", () => Explain(options, fused, quantized, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        // Last, so that a model that cannot be run or compared leaves no file behind.
        stages.Run("save", () => quantized.Save(options.Output));
        var report = ReportPage.FilesOf(options.Model.Path, options.Output) with
        {
            Calibration = calibrated,
            Diagnostics = DiagnosticReport.Of(quantized.Diagnostics),
            Evaluation = result is null ? null : new DataReport(TestPathOf(options)!, result.Reference.Samples, result.Reference.Batches),
            Float = result is null ? null : AccuracyReport.Of(result.Reference),
            Int8 = result is null ? null : AccuracyReport.Of(result.Candidate),
            Agreement = result?.Agreement,
            SqnrDecibels = result is null ? new SortedDictionary<string, double>() : Comparing.FiniteSqnr(result),
            LatencyMilliseconds = latency,
            Layers = new LayerCounts(prepared.Plan.Layers.Count(l => l.IsInteger), prepared.Plan.Layers.Count(l => !l.IsInteger)),
        };
        if (layers is not null) ReportPage.Save(options.Report!, options.Model.Path, options.Output, layers,
            ComparisonText.RowsOf(report, result!.Sqnr), calibration);
        return (result, report with { Report = options.Report, Stages = stages.Seconds, PeakMemoryBytes = Comparing.PeakMemoryBytes() });
    }

    private static string? TestPathOf(QuantizeOptions options) => (options.TestData ?? options.Data)?.Path;

    /// <summary>Compares layer by layer, on a few batches spread over the data, for the page.</summary>
    private static QuantizationReport Explain(
        QuantizeOptions options, FusedModel fused, QuantizedModel quantized, CancellationToken cancellationToken)
    {
        var data = (options.TestData ?? options.Data)!;
        var some = InputData.Open(InputData.InSmallBatches(data, fused), data.Path, fused,
            new SampleSelection { Limit = InputData.LimitOf(data, ReportBatches) });
        return LayerComparison.Compare(fused, quantized, some, new LayerComparisonOptions { Criterion = new CrossEntropyLoss() },
            ct: cancellationToken);
    }
}
