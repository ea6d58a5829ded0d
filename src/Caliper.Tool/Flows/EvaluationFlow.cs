using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Evaluation;
using Caliper.Tool.Inputs;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Flows;

/// <summary>Evaluates a model, or two on the same data, stage by stage.</summary>
internal sealed class EvaluationFlow(EvaluateOptions options, CancellationToken cancellationToken)
{
    /// <summary>Accuracy, loss and latency of the model.</summary>
    public EvaluationReport Evaluate(StageRun stages)
    {
        var (loaded, backend, diagnostics) = stages.Run("load", () => ModelFile.LoadFor(options.Model, options.Engine, options.Data));
        using var model = loaded;
        var data = InputData.Open(options.Data, options.Data.Path, model, options.Batches);
        var result = stages.Run("evaluate", progress =>
            Evaluator.Evaluate(model, new CrossEntropyLoss(), data, null, progress, cancellationToken));
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
            PeakMemoryBytes = PeakMemory.Bytes(),
            Diagnostics = DiagnosticReport.Of([.. diagnostics, .. data.Diagnostics]),
        };
    }

    /// <summary>The same of a float model and of the model, and how far apart they are.</summary>
    public (Findings Findings, ComparisonReport Report) Compare(string against, StageRun stages)
    {
        var of = stages.Run("load", () => ModelFile.LoadFor(options.Model with { Path = against }, options.Engine, options.Data));
        using var reference = of.Model;
        var (loaded, backend, diagnostics) = stages.Run("load", () => ModelFile.LoadFor(options.Model, options.Engine, options.Data));
        using var candidate = loaded;
        // A gate would take what is lost for what is won.
        if (reference.Model.IsQuantized() && !candidate.Model.IsQuantized())
        {
            throw new CaliperException(
                $"'{against}' is int8 and '{options.Model.Path}' is float: --against takes the float model; exchange the two.");
        }
        var data = InputData.Open(options.Data, options.Data.Path, candidate, options.Batches);
        Gate.Check(options.MaxAccuracyDrop, data, options.Data.Path);
        var vectors = options.Pooling is { } pooling ? new VectorMeter(reference, candidate, pooling, InputData.PairsOf(data)) : null;
        var result = stages.Run("evaluate", progress => ModelComparison.Compare(
            reference, candidate, new CrossEntropyLoss(), data, null, vectors, progress, cancellationToken));
        var apart = vectors is null ? null : stages.Run("vectors", () => VectorReport.Of(vectors.Result));
        var latency = stages.Run("latency", () =>
            Latency.Of((reference.Model, of.Backend), (candidate.Model, backend), data, options.Model.Threads, cancellationToken));
        var domain = CheckRanges(reference, candidate, stages);
        var report = ReportPage.FilesOf(against, options.Model.Path).With(options.Data.Path, result, latency, options.MaxAccuracyDrop);
        return (new Findings(result) { MaxAccuracyDrop = options.MaxAccuracyDrop, Domain = domain }, report with
        {
            Vectors = apart,
            Ranges = RangesReport.Of(domain),
            Stages = stages.Seconds,
            PeakMemoryBytes = PeakMemory.Bytes(),
            Diagnostics = DiagnosticReport.Of([.. of.Diagnostics, .. diagnostics, .. data.Diagnostics]),
        });
    }

    /// <summary>Looks whether the data leave the ranges of an int8 model; null where the two are not a float model and its int8 form.</summary>
    private DomainReport? CheckRanges(FloatModel reference, FloatModel candidate, StageRun stages)
    {
        var isPair = candidate.Model.IsQuantized() && !reference.Model.IsQuantized();
        if (!isPair && options.Calibration is not null)
            throw new CaliperException("--calibration judges an int8 model's ranges: give it as MODEL, and its float model with --against.");
        return !isPair ? null : stages.Run("ranges", progress =>
        {
            using var fused = reference.Fuse();
            using var int8 = new QuantizedModel(candidate.Model, []);
            var calibration = options.Calibration is { } path ? CalibrationStatistics.Load(path) : null;
            var data = InputData.Some(options.Data, fused, options.Batches);
            return DomainCheck.Check(fused, int8, data, calibration, null, progress, cancellationToken);
        });
    }
}
