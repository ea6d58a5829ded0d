using System.Diagnostics;
using Caliper.Calibration;
using Caliper.Calibration.Convergence;
using Caliper.Tool.Consoles;
using Spectre.Console;
using Spectre.Console.Rendering;

namespace Caliper.Tool.Stages;

/// <summary>Shows, while calibration runs, the tensors whose range still moves most: a table on a terminal, lines elsewhere.</summary>
internal sealed class ConvergenceView(ConvergenceMeter meter, Action<ConvergenceVerdict, IRenderable> show)
{
    private const int Rows = 12, PathLength = 16;

    /// <summary>Judging takes a moment too: it is not to slow the work down noticeably.</summary>
    private static readonly TimeSpan Interval = TimeSpan.FromSeconds(0.5);

    private readonly Dictionary<string, List<float>> _paths = new(StringComparer.Ordinal);
    private long _shown;

    /// <summary>Runs work that reports to a view.</summary>
    public static T Run<T>(ToolConsole console, ConvergenceMeter meter, Func<ConvergenceView, T> work)
    {
        if (!console.IsStatusLive) return work(new ConvergenceView(meter, (verdict, _) => console.StatusWriter.WriteLine(LineOf(verdict))));
        var result = default(T);
        console.Status.Live(new Cell("observing…")).Start(context =>
        {
            result = work(new ConvergenceView(meter, (_, table) => context.UpdateTarget(table)));
        });
        return result!;
    }

    /// <summary>Looks again, if the last look is long enough ago.</summary>
    public void Update(CalibrationStatistics statistics)
    {
        if (_shown != 0 && Stopwatch.GetElapsedTime(_shown) < Interval) return;
        var verdict = meter.Judge(statistics);
        foreach (var tensor in verdict.Tensors)
        {
            if (!_paths.TryGetValue(tensor.Name, out var path)) _paths[tensor.Name] = path = [];
            path.Add(tensor.Parameters.Scale);
            if (path.Count > PathLength) path.RemoveAt(0);
        }
        show(verdict, TableOf(verdict));
        _shown = Stopwatch.GetTimestamp();
    }

    private Table TableOf(ConvergenceVerdict verdict)
    {
        var table = new Table { Border = TableBorder.Rounded, Title = new TableTitle(Markup.Escape(verdict.ToString())) };
        table.AddColumn("moves most");
        table.AddColumn(new TableColumn("scale's path").NoWrap());
        foreach (var name in new[] { "scale", "halves differ", "half costs" }) table.AddColumn(new TableColumn(name).NoWrap().RightAligned());
        foreach (var tensor in verdict.Tensors.Take(Rows))
        {
            table.AddRow(new Cell(VisibleText.Of(tensor.Name)), new Cell(Sparkline.Of(_paths[tensor.Name])),
                new Cell(Numbers.Compact(tensor.Parameters.Scale)),
                new Cell(Numbers.Share(tensor.Disagreement)), new Cell(Numbers.Fixed(Math.Min(tensor.LossDecibels, 99), 2) + " dB"));
        }
        return table;
    }

    private static string LineOf(ConvergenceVerdict verdict)
    {
        var most = verdict.Tensors.Where(t => t.IsMoving).Take(3).Select(t => $"{t.Name} ({Numbers.Fixed(Math.Min(t.LossDecibels, 99), 2)} dB)");
        return string.Join(": ", new[] { verdict.ToString(), string.Join(", ", most) }.Where(part => part.Length > 0));
    }
}
