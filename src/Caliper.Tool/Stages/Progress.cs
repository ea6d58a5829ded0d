using Caliper.Tool.Consoles;
using Caliper.Tool.Options;

namespace Caliper.Tool.Stages;

/// <summary>Chooses how progress is shown.</summary>
internal static class Progress
{
    /// <summary>Runs work whose stages are shown as bars on a terminal, as plain lines elsewhere, or not at all.</summary>
    public static T Run<T>(ToolConsole console, OutputOptions talk, Func<StageRun, T> work)
    {
        if (talk.HidesProgress) return work(new StageRun(new SilentDisplay()));
        if (!console.IsStatusLive) return work(new StageRun(new PlainDisplay(console.StatusWriter)));
        return LiveDisplay.Run(console.Status, display => work(new StageRun(display)));
    }
}
