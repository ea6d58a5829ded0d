using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells a measurement.</summary>
internal static class BenchText
{
    public static void Print(IAnsiConsole console, BenchReport report)
    {
        if (report.Layers is { } layers) console.Write(TableOf(layers));
        console.Write(TableOf(report.Results));
        if (report.Ratio is { } ratio)
            console.WriteLine($"{report.Results[0].Model} on {report.Results[0].Backend} is {Numbers.Fixed(ratio, 2)} times as fast.");
        if (report.Memory is { } memory)
            console.WriteLine($"Memory: {Numbers.Bytes(memory.WeightBytes)} of weights, {Numbers.Bytes(memory.ArenaBytes)} for a run.");
        console.WriteLine(report.PeakGmacPerSecond is { } peak
            ? $"One core multiplies and adds {Numbers.Fixed(peak, 0)} · 10⁹ times a second at most with vectors ({report.PeakUnit}){Tiles(report)}."
            : "The peak is not known: no vectors multiply bytes here.");
        DiagnosticText.Print(console, report.Diagnostics);
    }

    private static string Tiles(BenchReport report) =>
        report.TilePeakGmacPerSecond is { } tiles ? $", {Numbers.Fixed(tiles, 0)} · 10⁹ with tiles (AMX)" : "";

    private static Table TableOf(BenchResult[] results)
    {
        var table = NewTable(["model", "backend"], ["threads", "batch", "median", "min", "GMAC/s", "of peak"]);
        foreach (var r in results)
        {
            table.AddRow(Cells(r.Model, r.Backend, Numbers.Count(r.Threads), Numbers.Count(r.Batch), Numbers.Fixed(r.MedianMilliseconds, 3) + " ms",
                Numbers.Fixed(r.MinMilliseconds, 3) + " ms", Rate(r.GmacPerSecond), Share(r.ShareOfPeak)));
        }
        return table;
    }

    private static Table TableOf(BenchLayer[] layers)
    {
        var table = NewTable(["layer", "what", "kernel"], ["median", "GMAC/s", "of peak"]);
        foreach (var l in layers)
            table.AddRow(Cells(l.Name, l.Kind, l.Kernel, Numbers.Fixed(l.MedianMilliseconds * 1000, 1) + " µs", Rate(l.GmacPerSecond),
                Share(l.ShareOfPeak)));
        return table;
    }

    private static Table NewTable(string[] texts, string[] numbers)
    {
        var table = new Table { Border = TableBorder.Rounded };
        foreach (var name in texts) table.AddColumn(name);
        foreach (var name in numbers) table.AddColumn(new TableColumn(name).NoWrap().RightAligned());
        return table;
    }

    private static Cell[] Cells(params string[] cells) => [.. cells.Select(c => new Cell(c))];

    private static string Rate(double? rate) => rate is { } value ? Numbers.Fixed(value, 0) : "";

    private static string Share(double? share) => share is { } value ? Numbers.Fixed(100 * value, 0) + " %" : "";
}
