using System.Diagnostics;
using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Caliper.Tool.Stages;

/// <summary>A bar for each stage, redrawn in place while a person watches.</summary>
internal sealed class LiveDisplay(ProgressContext context) : IStageDisplay
{
    public IStageLine Begin(string stage)
    {
        var task = context.AddTask(Markup.Escape(stage));
        task.IsIndeterminate = true;
        var line = new Line(task);
        task.Tag = line;
        return line;
    }

    /// <summary>Runs work whose stages are shown on a console.</summary>
    public static T Run<T>(IAnsiConsole console, bool staysVisible, Func<IStageDisplay, T> work)
    {
        var result = default(T);
        console.Progress().AutoClear(!staysVisible)
            .Columns(new TaskDescriptionColumn { Alignment = Justify.Left }, new ProgressBarColumn { Width = 30 }, new StatusColumn())
            .Start(context => result = work(new LiveDisplay(context)));
        return result!;
    }

    private sealed class Line(ProgressTask task) : IStageLine
    {
        private readonly long _started = Stopwatch.GetTimestamp();
        private TimeSpan? _elapsed;

        public EvaluationProgress? Latest { get; private set; }

        public TimeSpan Elapsed => _elapsed ?? Stopwatch.GetElapsedTime(_started);

        public bool IsDone => _elapsed is not null;

        public void Report(EvaluationProgress value)
        {
            Latest = value;
            if (value.SamplesTotal is not { } total) return;
            (task.IsIndeterminate, task.MaxValue, task.Value) = (false, total, value.SamplesDone);
        }

        public void Complete(TimeSpan elapsed)
        {
            _elapsed = elapsed;
            (task.IsIndeterminate, task.Value) = (false, task.MaxValue);
            task.StopTask();
        }
    }

    /// <summary>Done and total, images a second, and the time left; once done, the time taken.</summary>
    private sealed class StatusColumn : ProgressColumn
    {
        protected override bool NoWrap => true;

        public override IRenderable Render(RenderOptions options, ProgressTask task, TimeSpan deltaTime) =>
            new Cell(task.Tag is Line line ? Describe(line) : "");

        private static string Describe(Line line)
        {
            var parts = new List<string>();
            if (line.Latest is { } latest)
            {
                parts.Add(Numbers.Count(latest.SamplesDone) + (latest.SamplesTotal is { } total ? "/" + Numbers.Count(total) : ""));
                parts.Add(Rates.PerSecond(latest.SamplesDone, line.Elapsed));
                if (!line.IsDone && latest.SamplesTotal is { } all && Rates.Left(latest.SamplesDone, all, line.Elapsed) is { } left)
                    parts.Add("ETA " + Numbers.Rough(left));
            }
            if (line.IsDone || line.Latest is null) parts.Add(Numbers.Duration(line.Elapsed));
            return string.Join("  ", parts.Where(p => p.Length > 0));
        }
    }
}
