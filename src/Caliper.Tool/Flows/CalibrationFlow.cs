using System.Diagnostics;
using Caliper.Calibration;
using Caliper.Calibration.Convergence;
using Caliper.Calibration.Doctor;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Preparation;
using Caliper.Ranges;
using Caliper.Reporting.Html;
using Caliper.Statistics;
using Caliper.Tool.Inputs;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Flows;

/// <summary>Observes a float model on data, stage by stage, and keeps its statistics.</summary>
/// <param name="options">What was asked for.</param>
/// <param name="method">The range method that convergence is judged by.</param>
/// <param name="cancellationToken">Ends it early: what was observed until then is kept.</param>
internal sealed class CalibrationFlow(CalibrateOptions options, RangeMethod method, CancellationToken cancellationToken)
{
    /// <summary>Judges whether there was enough data.</summary>
    public ConvergenceMeter Meter { get; } = new(method);

    /// <summary>Runs it.</summary>
    /// <param name="stages">Where it shows how far it has come.</param>
    /// <param name="view">Shows the tensors that move most; null for nobody who looks.</param>
    public CalibrationReport Run(StageRun stages, ConvergenceView? view = null)
    {
        using var model = stages.Run("load", () => ModelFile.LoadFloat(options.Model));
        var earlier = options.Resume && File.Exists(options.Output) ? CalibrationStatistics.Load(options.Output) : null;
        // A path begins with the first batch: what is continued has none for the page.
        var trace = options.Trace is not null || (options.Report is not null && earlier is null) ? new CalibrationTrace() : null;
        var data = OpenData(model, earlier, isTraced: trace is not null);
        var recipe = options.Recipe is { } file ? Recipe.Load(file) : Recipe.Empty;
        using var fused = stages.Run("fuse", () => model.Fuse().Equalize(recipe.Equalization));
        using var calibrator = new Calibrator(fused, earlier);
        var isInterrupted = stages.Run("calibrate", progress => !Observe(calibrator, data, trace, view, progress));
        stages.Run("save", () => calibrator.Statistics.Save(options.Output));
        if (options.Trace is { } path) trace!.Save(path);
        var statistics = calibrator.Statistics;
        var verdict = stages.Run("judge", () => Meter.Judge(statistics));
        var diagnostics = stages.Run("examine", () => DataDoctor.Examine(fused, statistics).InsertRange(0, data.Diagnostics));
        // A page of half the data would look like one of all of it.
        var page = isInterrupted ? null : options.Report;
        if (page is not null) stages.Run("report", () => ReportPage.Save(page, options.Model.Path,
            new HtmlCalibration(fused, statistics, trace, Scheme.Of(method)) { Convergence = verdict, Diagnostics = diagnostics }));
        return CalibrationReport.Of(options.Output, statistics) with
        {
            Report = page,
            Float = options.Model.Path,
            Data = options.Data.Path,
            IsInterrupted = isInterrupted,
            Convergence = ConvergenceReport.Of(verdict),
            Stages = stages.Seconds,
            PeakMemoryBytes = PeakMemory.Bytes(),
            Diagnostics = DiagnosticReport.Of(diagnostics),
        };
    }

    /// <summary>The samples that earlier statistics lack, in an order in which the first few are like the rest: the result does not depend on
    /// it, but when it is stable does.</summary>
    private ILoader OpenData(FloatModel model, CalibrationStatistics? earlier, bool isTraced)
    {
        var selection = new SampleSelection
        {
            Limit = InputData.LimitOf(options.Data, options.Batches),
            Shard = options.Shard.Index,
            ShardCount = options.Shard.Count,
            Spread = true,
        };
        // The result does not depend on how the data is cut; a trace does.
        var reading = isTraced ? options.Data : InputData.InSmallBatches(options.Data, model);
        var data = InputData.Open(reading, options.Data.Path, model, selection);
        return earlier is null ? data
            : InputData.Open(reading, options.Data.Path, model, selection with { Skip = SeenOf(earlier, data.SampleNames) });
    }

    /// <summary>How many of the samples to come are in earlier statistics: the first ones, or the statistics are of others.</summary>
    private int SeenOf(CalibrationStatistics earlier, IEnumerable<string> names)
    {
        var seen = earlier.Samples.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var count = names.TakeWhile(seen.Contains).Count();
        if (count == seen.Count) return count;
        throw new CaliperException($"'{options.Output}' holds {seen.Count} samples that are not the first of '{options.Data.Path}' as it is read "
            + "now; --resume continues the same data with the same options. For other data write another file, and merge the two.");
    }

    /// <summary>Runs the batches; false where it was interrupted.</summary>
    private bool Observe(Calibrator calibrator, ILoader data, CalibrationTrace? trace, ConvergenceView? view,
        IProgress<EvaluationProgress> progress)
    {
        var saved = Stopwatch.GetTimestamp();
        try
        {
            if (data.SampleCount > 0) calibrator.Observe(data, null, progress, cancellationToken, IsEnough);
            return true;
        }
        catch (OperationCanceledException) when (cancellationToken.IsCancellationRequested)
        {
            return false;
        }

        bool IsEnough(IReadOnlyDictionary<string, RealRange> ranges)
        {
            var statistics = calibrator.Statistics;
            trace?.Add(statistics.Samples.Count, ranges);
            view?.Update(statistics);
            if (options.UntilStable && Meter.IsDue(statistics) && Meter.Checkpoint(statistics).IsStable) return true;
            if (Stopwatch.GetElapsedTime(saved).TotalSeconds < options.SaveEvery) return false;
            statistics.Save(options.Output);
            saved = Stopwatch.GetTimestamp();
            return false;
        }
    }
}
