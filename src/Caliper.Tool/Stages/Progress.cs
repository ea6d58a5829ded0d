using Caliper.Tool.Consoles;
using Caliper.Tool.Options;

namespace Caliper.Tool.Stages;

/// <summary>Chooses how progress is shown.</summary>
internal static class Progress
{
    /// <summary>Runs work whose stages are shown as bars on a terminal, as plain lines elsewhere, or not at all.</summary>
    public static T Run<T>(ToolConsole console, ConsoleOptions options, Func<StageRun, T> work) =>
        Run(console, options, new StageClock(), work, staysVisible: true);

    /// <summary>Runs a part of the work.</summary>
    /// <param name="console">Where progress goes.</param>
    /// <param name="options">Whether it is wanted.</param>
    /// <param name="clock">Measures all parts.</param>
    /// <param name="work">What to do.</param>
    /// <param name="staysVisible">Whether the bars remain when the work is done.</param>
    public static T Run<T>(ToolConsole console, ConsoleOptions options, StageClock clock, Func<StageRun, T> work, bool staysVisible)
    {
        if (options.HidesProgress) return work(new StageRun(new SilentDisplay(), clock));
        if (!console.IsStatusLive) return work(new StageRun(new PlainDisplay(console.StatusWriter), clock));
        return LiveDisplay.Run(console.Status, staysVisible, display => work(new StageRun(display, clock)));
    }
}
