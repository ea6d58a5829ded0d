using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Tool.Inputs;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Flows;

/// <summary>Quantizes without data, stage by stage: weights in int8, inputs by the range that they have at each run.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="scheme">How weights become int8, and which layers stay float.</param>
/// <param name="cancellationToken">Ends it early; an output that is not written by then is not.</param>
internal sealed class DynamicFlow(QuantizeOptions options, QConfigMapping scheme, CancellationToken cancellationToken)
{
    /// <summary>Runs it.</summary>
    /// <returns>How both models do, and the report.</returns>
    public (Findings Findings, ComparisonReport Report) Run(StageRun stages)
    {
        using var model = stages.Run("load", () => ModelFile.LoadFloat(options.Model));
        var test = options.TestData is { } data ? InputData.Open(data, data.Path, model) : null;
        if (test is not null) Gate.Check(options.MaxAccuracyDrop, test, options.TestData!.Path);
        using var fused = stages.Run("fuse", model.Fuse);
        using var converted = stages.Run("convert", () => FloatResult.Checked(fused.QuantizeDynamic(scheme)));
        var (backend, diagnostics) = test is null ? (OnnxRuntimeBackend.Instance, []) : Int8Backend.For(converted.Model, options.Engine, test);
        using var quantized = new QuantizedModel(converted.Model, [.. converted.Diagnostics, .. diagnostics],
            new ExecutionOptions { Threads = options.Model.Threads, Int8Backend = backend });
        var result = test is null ? null : stages.Run("evaluate", progress =>
            ModelComparison.Compare(model, quantized, new CrossEntropyLoss(), test, null, progress, cancellationToken));
        var latency = test is null ? null : stages.Run("latency", () =>
            Latency.Of(model.Model, quantized.Model, backend, test, options.Model.Threads, cancellationToken));
        cancellationToken.ThrowIfCancellationRequested();
        // Last, so that a model that cannot be run or compared leaves no file behind.
        stages.Run("save", () => quantized.Save(options.Output));
        var report = ReportOf(result, latency) with
        {
            Diagnostics = DiagnosticReport.Of([.. test?.Diagnostics ?? [], .. quantized.Diagnostics]),
            Stages = stages.Seconds,
            PeakMemoryBytes = PeakMemory.Bytes(),
        };
        return (new Findings(result) { MaxAccuracyDrop = options.MaxAccuracyDrop }, report);
    }

    private ComparisonReport ReportOf(ComparisonResult? result, Pair<double>? latency)
    {
        var report = ReportPage.FilesOf(options.Model.Path, options.Output);
        return result is null ? report : report.With(options.TestData!.Path, result, latency!, options.MaxAccuracyDrop);
    }
}
