using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary>The work of <c>caliper quantize</c>: the flow of the library, stage by stage.</summary>
internal static class Quantizing
{
    public static int Run(QuantizeOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        OutputFile.Check(options.Output, options.Overwrite, options.Model.Path);
        var scheme = Scheme.Of(options.Scheme);
        InputData.PreprocessingOf(options.Data.Images);
        var (result, report) = Progress.Run(console, options.Talk, stages => Quantize(options, scheme, stages, cancellationToken));
        if (options.Talk.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else ComparisonText.Print(console.Result, report, result.Sqnr);
        return Gate.Judge(options.MaxAccuracyDrop, result, console);
    }

    private static (ComparisonResult, ComparisonReport) Quantize(
        QuantizeOptions options, QConfigMapping scheme, StageRun stages, CancellationToken cancellationToken)
    {
        using var model = stages.Run("load", () => Load(options.Model));
        var calibration = InputData.Open(options.Data, options.Data.Path, model, options.Batches);
        var testPath = options.TestData ?? options.Data.Path;
        var test = options.TestData is null ? calibration : InputData.Open(options.Data, testPath, model);
        Gate.Check(options.MaxAccuracyDrop, test, testPath);

        using var fused = stages.Run("fuse", model.Fuse);
        using var prepared = stages.Run("prepare", () => fused.Prepare(scheme));
        // Nothing but inference happens here: the observers inside the prepared model watch it.
        var calibrated = stages.Run("calibrate", progress =>
            Evaluator.Evaluate(prepared, null, calibration, options.Batches, progress, cancellationToken));
        using var quantized = stages.Run("convert", () => prepared.Convert(options.Convert));
        cancellationToken.ThrowIfCancellationRequested();
        stages.Run("save", () => quantized.Save(options.Output));
        var result = stages.Run("evaluate", progress =>
            ModelComparison.Compare(model, quantized, new CrossEntropyLoss(), test, null, progress, cancellationToken));
        var latency = stages.Run("latency", () =>
            Latency.Of(model.Model, quantized.Model, test, options.Model.Threads, cancellationToken));

        var layers = prepared.Plan.Layers;
        return (result, new ComparisonReport
        {
            Model = options.Model.Path,
            Output = options.Output,
            Calibration = new DataReport(options.Data.Path, calibrated.Samples, calibrated.Batches),
            Evaluation = new DataReport(testPath, result.Reference.Samples, result.Reference.Batches),
            Float = AccuracyReport.Of(result.Reference),
            Int8 = AccuracyReport.Of(result.Candidate),
            Agreement = result.Agreement,
            SqnrDecibels = Comparing.FiniteSqnr(result),
            SizeBytes = new Pair<long>(ModelFile.SizeOf(options.Model.Path), ModelFile.SizeOf(options.Output)),
            LatencyMilliseconds = latency,
            Layers = new LayerCounts(layers.Count(l => l.IsInteger), layers.Count(l => !l.IsInteger)),
            Stages = stages.Seconds,
            PeakMemoryBytes = Comparing.PeakMemoryBytes(),
            Diagnostics = DiagnosticReport.Of(quantized.Diagnostics),
        });
    }

    private static FloatModel Load(ModelOptions options)
    {
        var model = ModelFile.Load(options);
        if (!ModelFile.IsQuantized(model.Model)) return model;
        model.Dispose();
        throw new CaliperException($"'{options.Path}' is quantized already; give the float model it was made from.");
    }
}
