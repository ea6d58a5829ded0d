using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells a comparison in one table.</summary>
internal static class ComparisonText
{
    public static void Print(IAnsiConsole console, ComparisonReport report, IReadOnlyList<OutputSqnr> sqnr)
    {
        if (report.Calibration is { } calibration)
        {
            var layers = report.Layers is { } counts
                ? $" {Numbers.Count(counts.Int8)} layers in int8, {Numbers.Count(counts.Float)} in float." : "";
            console.WriteLine($"Calibrated with {Describe(calibration)}.{layers}");
        }
        console.WriteLine(report.Evaluation is { } evaluation ? $"Evaluated on {Describe(evaluation)}{Overlap(report.Calibration, evaluation)}."
            : "Not evaluated: --test-data names data to compare both models on.");
        console.Write(TableOf(report, sqnr));
        console.WriteLine($"float  {report.Model}");
        console.WriteLine($"int8   {report.Output}");
        DiagnosticText.Print(console, report.Diagnostics);
    }

    private static string Describe(DataReport data) => $"{Numbers.Count(data.Samples)} samples of {data.Data}";

    private static string Overlap(DataReport? calibration, DataReport evaluation) => calibration?.Data != evaluation.Data ? ""
        : calibration.Samples == evaluation.Samples ? ", the same that calibrated"
        : $", of which {Numbers.Count(calibration.Samples)} calibrated";

    private static Table TableOf(ComparisonReport report, IReadOnlyList<OutputSqnr> sqnr)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("");
        foreach (var name in new[] { "float", "int8", "change" }) table.AddColumn(new TableColumn(name).RightAligned());
        Add(table, "Acc@1", report.Float?.Acc1, report.Int8?.Acc1, 2, " %", " points");
        Add(table, "Acc@5", report.Float?.Acc5, report.Int8?.Acc5, 2, " %", " points");
        Add(table, "Loss", report.Float?.Loss, report.Int8?.Loss, 4, "", "");
        var size = report.SizeBytes;
        Row(table, "Size", Numbers.Bytes(size.Float), Numbers.Bytes(size.Int8), Ratio(size.Float, size.Int8, "smaller", "larger"));
        if (report.LatencyMilliseconds is { } latency) Row(table, "Latency", Numbers.Fixed(latency.Float, 3) + " ms", Numbers.Fixed(latency.Int8, 3) + " ms",
            Ratio(latency.Float, latency.Int8, "faster", "slower"));
        if (report.Agreement is { } agreement) Row(table, "Agreement", "", Numbers.Fixed(agreement, 2) + " %", "");
        foreach (var output in sqnr) Row(table, "SQNR " + output.Output, "", Numbers.Decibels(output.Decibels), "");
        return table;
    }

    private static void Add(
        Table table, string name, double? expected, double? actual, int decimals, string unit, string difference)
    {
        if (expected is not { } before || actual is not { } after) return;
        Row(table, name, Numbers.Fixed(before, decimals) + unit, Numbers.Fixed(after, decimals) + unit,
            Numbers.Signed(after - before, decimals) + difference);
    }

    private static string Ratio(double before, double after, string less, string more)
    {
        var ratio = Numbers.Fixed(Math.Max(before, after) / Math.Min(before, after), 1);
        return ratio == "1.0" ? "about equal" : $"{ratio}× {(after < before ? less : more)}";
    }

    private static void Row(Table table, params ReadOnlySpan<string> cells)
    {
        var texts = new List<Text>();
        foreach (var cell in cells) texts.Add(new Text(cell));
        table.AddRow(texts);
    }
}
