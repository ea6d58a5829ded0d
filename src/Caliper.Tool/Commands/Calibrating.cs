using System.Diagnostics;
using Caliper.Calibration;
using Caliper.Calibration.Convergence;
using Caliper.Calibration.Doctor;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Ranges;
using Caliper.Reporting.Html;
using Caliper.Statistics;
using Caliper.Tool.Consoles;
using Caliper.Tool.Inputs;
using Caliper.Tool.Options;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary>The work of <c>caliper calibrate</c>.</summary>
internal static class Calibrating
{
    public static int Run(CalibrateOptions options, ToolConsole console, CancellationToken cancellationToken)
    {
        OutputFile.Check(options.Output, options.Overwrite || options.Resume, options.Model.Path);
        if (options.Trace is { } trace) OutputFile.Check(trace, options.Overwrite, options.Model.Path, options.Output);
        if (options.Report is { } page) OutputFile.Check(page, options.Overwrite, options.Model.Path, options.Output, options.Trace);
        var method = Scheme.MethodOf(options.Method);
        InputData.PreprocessingOf(options.Data.Images);
        var meter = new ConvergenceMeter(method);
        var report = options.Watch
            ? ConvergenceView.Run(console, meter, view =>
            Calibrate(options, method, meter, view, new StageRun(new SilentDisplay(), new StageClock()), cancellationToken))
            : Progress.Run(console, options.Talk, stages => Calibrate(options, method, meter, null, stages, cancellationToken));
        if (options.Talk.Format == OutputFormat.Json) ReportJson.Write(console.ResultWriter, report);
        else CalibrationText.Print(console.Result, report);
        if (!report.IsInterrupted) return ExitCode.Ok;
        console.StatusWriter.WriteLine($"caliper: interrupted; {options.Output} holds what was observed so far, and --resume continues it.");
        return ExitCode.Interrupted;
    }

    private static CalibrationReport Calibrate(
        CalibrateOptions options, RangeMethod method, ConvergenceMeter meter, ConvergenceView? view, StageRun stages,
        CancellationToken cancellationToken)
    {
        using var model = stages.Run("load", () => ModelFile.LoadFloat(options.Model));
        var selection = SelectionOf(options);
        var earlier = options.Resume && File.Exists(options.Output) ? CalibrationStatistics.Load(options.Output) : null;
        // A path begins with the first batch: what is continued has none for the page.
        var trace = options.Trace is not null || (options.Report is not null && earlier is null) ? new CalibrationTrace() : null;
        // The result does not depend on how the data is cut; a trace does.
        var reading = trace is null ? InputData.InSmallBatches(options.Data, model) : options.Data;
        var data = InputData.Open(reading, options.Data.Path, model, selection);
        if (earlier is not null)
        {
            selection = selection with { Skip = SeenOf(earlier, data.SampleNames, options.Output, options.Data.Path) };
            data = InputData.Open(reading, options.Data.Path, model, selection);
        }
        using var fused = stages.Run("fuse", model.Fuse);
        using var calibrator = new Calibrator(fused, earlier);
        var isInterrupted = stages.Run("calibrate", progress =>
            !Observe(calibrator, data, trace, meter, view, options, progress, cancellationToken));
        stages.Run("save", () => calibrator.Statistics.Save(options.Output));
        if (options.Trace is { } path) trace!.Save(path);
        var statistics = calibrator.Statistics;
        var verdict = stages.Run("judge", () => meter.Judge(statistics));
        var diagnostics = stages.Run("examine", () => DataDoctor.Examine(fused, statistics));
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
            PeakMemoryBytes = Comparing.PeakMemoryBytes(),
            Diagnostics = DiagnosticReport.Of(diagnostics),
        };
    }

    /// <summary>Runs the batches; false where it was interrupted.</summary>
    private static bool Observe(
        Calibrator calibrator, ILoader data, CalibrationTrace? trace, ConvergenceMeter meter, ConvergenceView? view, CalibrateOptions options,
        IProgress<EvaluationProgress> progress, CancellationToken cancellationToken)
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
            if (options.UntilStable && meter.IsDue(statistics) && meter.Checkpoint(statistics).IsStable) return true;
            if (Stopwatch.GetElapsedTime(saved).TotalSeconds < options.SaveEvery) return false;
            statistics.Save(options.Output);
            saved = Stopwatch.GetTimestamp();
            return false;
        }
    }

    /// <summary>Samples in an order in which the first few are like the rest: the result does not depend on it, but when it is
    /// stable does.</summary>
    private static SampleSelection SelectionOf(CalibrateOptions options) => new()
    {
        Limit = InputData.LimitOf(options.Data, options.Batches),
        Shard = options.Shard.Index,
        ShardCount = options.Shard.Count,
        Spread = true,
    };

    /// <summary>How many of the samples to come are in earlier statistics: the first ones, or the statistics are of others.</summary>
    private static int SeenOf(CalibrationStatistics earlier, IEnumerable<string> names, string path, string data)
    {
        var seen = earlier.Samples.Select(s => s.Name).ToHashSet(StringComparer.Ordinal);
        var count = names.TakeWhile(seen.Contains).Count();
        if (count == seen.Count) return count;
        throw new CaliperException($"'{path}' holds {seen.Count} samples that are not the first of '{data}' as it is read now; --resume continues "
            + "the same data with the same options. For other data write another file, and merge the two.");
    }
}
