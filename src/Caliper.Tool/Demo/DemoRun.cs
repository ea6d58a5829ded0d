using Caliper.Analysis;
using Caliper.Evaluation;
using Caliper.Reporting.Html;
using Caliper.Tool.Consoles;
using Caliper.Tool.Measuring;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Demo;

/// <summary>The demo from question to answer: each step of the flow, and the words about it where words are wanted.</summary>
internal sealed class DemoRun(DemoOptions options, ToolConsole console, CancellationToken cancellationToken)
{
    /// <summary>How long a person gets to read a section before the next one scrolls by.</summary>
    private static readonly TimeSpan ReadingTime = TimeSpan.FromSeconds(2);

    private readonly Story? _story = options.Console.Format == OutputFormat.Text ? new Story(console.Result) : null;
    private readonly StageClock _clock = new();

    public DemoReport Tell()
    {
        _story?.Question();
        using var flow = Show(stages => stages.Run("load", () => new DemoFlow(cancellationToken)));
        Prepare(flow);
        var (calibrated, trace) = Calibrate(flow);
        var channels = flow.WidestSpread();
        _story?.Converting(channels);
        using var naive = Show(stages => stages.Run("calibrate naively", flow.CalibrateNaively));
        var judged = Show(stages => flow.Judge(naive, stages));
        Pause();
        var comparison = Show(stages => stages.Run("compare", flow.Compare));
        var examined = Show(stages => stages.Run("examine", flow.Examine));
        var report = new DemoReport
        {
            Calibration = new DataReport("embedded", calibrated.Samples, calibrated.Batches),
            Evaluation = judged.Data,
            Float = judged.Float,
            Naive = judged.Naive,
            Int8 = judged.Int8,
            Trace = trace,
            Channels = channels,
            Folder = options.Folder,
            Report = DemoPage.PathFor(options.Folder),
            Stages = _clock.Seconds,
            PeakMemoryBytes = PeakMemory.Bytes(),
        };
        Keep(flow, report, comparison, examined);
        return report;
    }

    private void Prepare(DemoFlow flow)
    {
        Show(stages => stages.Run("prepare", flow.Prepare));
        Pause();
        _story?.Fused(flow.Fused, flow.Model.Model.Graph.Initializers.Values.Sum(t => t.Count));
        Pause();
        _story?.Prepared(flow.Prepared);
        Pause();
    }

    private (EvaluationResult Result, DemoTrace Trace) Calibrate(DemoFlow flow)
    {
        var (result, trace) = Show(stages => stages.Run("calibrate", flow.Calibrate));
        _story?.Calibrated(flow.Prepared, result, trace);
        Pause();
        return (result, trace);
    }

    /// <summary>Writes the page, and the sample too where a folder was named, and tells where they are.</summary>
    private void Keep(DemoFlow flow, DemoReport report, QuantizationReport comparison, HtmlCalibration examined)
    {
        var page = DemoPage.Render(report, comparison, examined);
        if (report.Folder is not { } folder) DemoPage.Write(report.Report, page);
        else Show(stages => stages.Run("save", () => SavedSample.Write(folder, flow, page, cancellationToken)));
        _story?.Judged(report);
        if (report.Folder is null) _story?.NotSaved();
        else _story?.Saved(report.Folder);
        _story?.Page(report.Report);
    }

    private T Show<T>(Func<StageRun, T> work) => Progress.Run(console, options.Console, _clock, work, staysVisible: false);

    private void Pause()
    {
        if (_story is not null && console.IsWatched) cancellationToken.WaitHandle.WaitOne(ReadingTime);
        cancellationToken.ThrowIfCancellationRequested();
    }
}
