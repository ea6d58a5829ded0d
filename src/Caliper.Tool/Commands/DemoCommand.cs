using System.CommandLine;
using Caliper.Tool.Consoles;
using Caliper.Tool.Demo;
using Caliper.Tool.Options;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;

namespace Caliper.Tool.Commands;

/// <summary><c>caliper demo</c>: the whole story on the embedded sample.</summary>
internal static class DemoCommand
{
    /// <summary>How long a person gets to read a section before the next one scrolls by.</summary>
    private static readonly TimeSpan ReadingTime = TimeSpan.FromSeconds(2);

    public static Command Create(ToolConsole console, CancellationToken cancellationToken)
    {
        var folder = new Option<string?>("--output", "-o")
        {
            HelpName = "FOLDER",
            Description = "Saves the models, the images and the page about int8 there; without it,"
                + " the page alone goes to the folder for temporary files",
        };
        var talk = new OutputSymbols();
        var command = new Command("demo", "Tells the whole story on an embedded network and its images, in under a minute");
        command.Add(folder);
        talk.AddTo(command);
        command.SetAction(line => Run(line.GetValue(folder), talk.Read(line), console, cancellationToken));
        return command;
    }

    private static int Run(string? folder, OutputOptions talk, ToolConsole console, CancellationToken cancellationToken)
    {
        if (folder is not null) SavedSample.Check(folder);
        var isStory = talk.Format == OutputFormat.Text;
        var story = isStory ? new Story(console.Result) : null;
        var report = Tell(folder, story, talk, console, cancellationToken);
        if (!isStory) ReportJson.Write(console.ResultWriter, report);
        return ExitCode.Ok;
    }

    private static DemoReport Tell(
        string? folder, Story? story, OutputOptions talk, ToolConsole console, CancellationToken cancellationToken)
    {
        void Pause()
        {
            if (story is not null && console.IsWatched) cancellationToken.WaitHandle.WaitOne(ReadingTime);
            cancellationToken.ThrowIfCancellationRequested();
        }

        var clock = new StageClock();
        T Show<T>(Func<StageRun, T> work) => Progress.Run(console, talk, clock, work, staysVisible: false);

        story?.Question();
        using var flow = Show(stages => stages.Run("load", () => new DemoFlow(cancellationToken)));
        Show(stages => stages.Run("prepare", flow.Prepare));
        Pause();
        story?.Fused(flow.Fused, flow.Model.Model.Graph.Initializers.Values.Sum(t => t.Count));
        Pause();
        story?.Prepared(flow.Prepared);
        Pause();
        var (calibrated, trace) = Show(stages => stages.Run("calibrate", flow.Calibrate));
        story?.Calibrated(flow.Prepared, calibrated, trace);
        Pause();
        var channels = flow.WidestSpread();
        story?.Converting(channels);
        using var naive = Show(stages => stages.Run("calibrate naively", flow.CalibrateNaively));
        var judged = Show(stages => flow.Judge(naive, stages));
        Pause();
        var comparison = Show(stages => stages.Run("compare", flow.Compare));
        var observed = Show(stages => stages.Run("observe", flow.Observe));
        var report = new DemoReport
        {
            Calibration = new DataReport("embedded", calibrated.Samples, calibrated.Batches),
            Evaluation = judged.Data,
            Float = judged.Float,
            Naive = judged.Naive,
            Int8 = judged.Int8,
            Trace = trace,
            Channels = channels,
            Folder = folder,
            Report = DemoPage.PathFor(folder),
            Stages = clock.Seconds,
            PeakMemoryBytes = Comparing.PeakMemoryBytes(),
        };
        var page = DemoPage.Render(report, comparison, observed);
        if (folder is null) DemoPage.Write(report.Report, page);
        else Show(stages => stages.Run("save", () => SavedSample.Write(folder, flow, page, cancellationToken)));
        story?.Judged(report);
        if (folder is null) story?.NotSaved();
        else story?.Saved(folder);
        story?.Page(report.Report);
        return report;
    }
}
