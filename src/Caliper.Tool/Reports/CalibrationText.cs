using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells what calibration saw.</summary>
internal static class CalibrationText
{
    private const int MostMoving = 8;

    public static void Print(IAnsiConsole console, CalibrationReport report, bool showsTensors = false)
    {
        console.WriteLine($"{VisibleText.Of(report.Calibration)}: {Numbers.Bytes(report.SizeBytes)}, {Numbers.Count(report.Samples)} samples, "
            + $"{Numbers.Count(report.Tensors.Length)} tensors, {Numbers.Count(report.Values)} values");
        if (showsTensors) console.Write(TableOf(report.Tensors));
        if (report.Convergence is { } convergence) Print(console, convergence);
        DiagnosticText.Print(console, report.Diagnostics);
        if (report.Report is { } page) console.WriteLine($"report {page}");
    }

    private static void Print(IAnsiConsole console, ConvergenceReport convergence)
    {
        console.WriteLine($"Ranges: {convergence.Verdict}. The scales of two halves of the data differ by "
            + $"{Numbers.Share(convergence.MedianDisagreement)} (median).");
        if (convergence.Moving.Length == 0) return;
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("still moving");
        foreach (var name in new[] { "scale", "halves differ", "drift if doubled", "half costs" }) table.AddColumn(new TableColumn(name)
            .RightAligned());
        foreach (var tensor in convergence.Moving.Take(MostMoving))
        {
            table.AddRow(new Cell(VisibleText.Of(tensor.Name)), new Cell(Numbers.Compact(tensor.Scale)), new Cell(Numbers.Share(tensor.Disagreement)),
                new Cell("≤ " + Numbers.Share(tensor.Drift)), new Cell(Numbers.Fixed(tensor.LossDecibels, 2) + " dB"));
        }
        console.Write(table);
        if (convergence.Moving.Length > MostMoving) console.WriteLine($"and {convergence.Moving.Length - MostMoving} more");
    }

    private static Table TableOf(TensorReport[] tensors)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("tensor");
        foreach (var name in new[] { "values", "zero", "min", "max", "mean", "deviation" }) table.AddColumn(new TableColumn(name).NoWrap()
            .RightAligned());
        table.AddColumn("max came from");
        foreach (var tensor in tensors)
        {
            table.AddRow(new Cell(VisibleText.Of(tensor.Name)), new Cell(Numbers.Count(tensor.Values)), new Cell(Numbers.Share(tensor.ZeroShare)),
                new Cell(Numbers.Compact(tensor.Min)),
                new Cell(Numbers.Compact(tensor.Max)), new Cell(Numbers.Compact(tensor.Mean)), new Cell(Numbers.Compact(tensor.Deviation)),
                new Cell(VisibleText.Of(tensor.MaxSample ?? "")));
        }
        return table;
    }
}
