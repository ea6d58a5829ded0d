using Caliper.Tool.Consoles;
using Caliper.Tool.Options;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells what tuning ran: quality against time.</summary>
internal static class TuningText
{
    public static void Print(IAnsiConsole console, TuningReport report)
    {
        var target = new QualityTarget(Enum.Parse<QualityKind>(report.Measure, ignoreCase: true), report.Target);
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("tuned");
        foreach (var name in new[] { "more than 8 bits", "float weights", "forward pass", "quality" })
            table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var point in report.Points)
        {
            var quality = target.Tell(point.Quality ?? double.PositiveInfinity) + Fits(point.Interval, target.Kind == QualityKind.Accuracy);
            table.AddRow(new Cell(point.IsChosen ? "→" : ""), new Cell(Numbers.Share(point.WideShare)), new Cell(Numbers.Share(point.FloatShare)),
                new Cell(Numbers.Fixed(point.Milliseconds, 3) + " ms"), new Cell(quality));
        }
        console.Write(table);
        if (report.Points.FirstOrDefault(p => p.IsChosen)?.Interval?.Lower < report.Target && report.IsReached)
            console.WriteLine("What is chosen reaches the target on these samples, and may miss it on others: they are too few to tell.");
        if (report.IsReached) return;
        console.WriteLine($"The target, {target.Tell(report.Target)}, is not reached: this is the best of {Numbers.Count(report.Points.Length)}.");
    }

    private static string Fits(IntervalReport? interval, bool isChange)
    {
        return interval is null ? "" : $" ({Bound(interval.Lower)} to {Bound(interval.Upper)})";

        string Bound(double value) => isChange ? Numbers.Signed(value, 2) : Numbers.Fixed(value, 2);
    }
}
