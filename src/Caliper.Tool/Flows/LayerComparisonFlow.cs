using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Tool.Inputs;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Flows;

/// <summary>Compares a float model with its int8 form layer by layer, stage by stage.</summary>
internal sealed class LayerComparisonFlow(CompareOptions options, CancellationToken cancellationToken)
{
    public (ComparisonResult? Result, LayerComparisonReport Report) Run(StageRun stages)
    {
        using var model = stages.Run("load", () => ModelFile.LoadFloat(options.Float));
        using var fused = stages.Run("fuse", model.Fuse);
        var data = InputData.Open(InputData.InSmallBatches(options.Data, fused), options.Data.Path, fused,
            new SampleSelection { Limit = InputData.LimitOf(options.Data, options.Batches) });
        var (loaded, backend) = stages.Run("load", () => LoadInt8(data));
        using var int8 = loaded;
        var calibration = options.Calibration is not { } statistics ? null : stages.Run("load", () =>
            ReportPage.CalibrationOf(fused, CalibrationStatistics.Load(statistics), options.Trace is { } trace
                ? CalibrationTrace.Load(trace) : null));
        var result = stages.Run("compare", progress => LayerComparison.Compare(fused, int8, data, new LayerComparisonOptions
        {
            SensitivitySamples = options.SensitivitySamples,
            SensitivityBudget = TimeSpan.FromSeconds(options.SensitivitySeconds),
            Criterion = new CrossEntropyLoss(),
            MeasuresTime = true,
        }, progress, cancellationToken));
        if (options.Report is { } page)
        {
            var latency = stages.Run("latency", () => Latency.Of(model.Model, int8.Model, backend, data, options.Float.Threads, cancellationToken));
            stages.Run("report", () => ReportPage.Save(page, result,
                ReportPage.HeaderOf(options.Float.Path, options.Int8, RowsOf(result, latency)) with
                {
                    Notes = [.. new Findings(result.Evaluation).Notes()],
                    Calibration = calibration,
                }));
        }
        return (result.Evaluation, LayerComparisonReport.Of(options, result) with
        {
            Report = options.Report,
            Stages = stages.Seconds,
            PeakMemoryBytes = PeakMemory.Bytes(),
            Diagnostics = DiagnosticReport.Of([.. int8.Diagnostics, .. data.Diagnostics, .. result.Diagnostics]),
        });
    }

    /// <summary>Accuracy, size and speed, for the page.</summary>
    private IEnumerable<(string Name, string Float, string Int8, string Change)> RowsOf(QuantizationReport result, Pair<double> latency) =>
        ComparisonText.RowsOf(ReportPage.FilesOf(options.Float.Path, options.Int8) with
        {
            Float = AccuracyReport.Of(result.Evaluation!.Reference),
            Int8 = AccuracyReport.Of(result.Evaluation.Candidate),
            Agreement = result.Evaluation.Agreement,
            AgreementInterval = IntervalReport.Of(result.Evaluation.AgreementInterval),
            Rows = ComparisonReport.RowsOf(result.Evaluation),
            LatencyMilliseconds = latency,
        }, []);

    private (QuantizedModel, IExecutionBackend) LoadInt8(ILoader data)
    {
        using var file = ModelFile.Load(new ModelOptions { Path = options.Int8, Threads = options.Float.Threads });
        if (!file.Model.IsQuantized())
            throw new CaliperException($"'{options.Int8}' is not quantized; give the float model first, then its int8 form.");
        var (backend, diagnostics) = Int8Backend.For(file.Model, options.Engine, data);
        return (new QuantizedModel(file.Model, [.. diagnostics], new ExecutionOptions { Threads = options.Float.Threads, Int8Backend = backend }),
            backend);
    }
}
