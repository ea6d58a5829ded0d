using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells what int8 changes, layer by layer.</summary>
internal static class LayerComparisonText
{
    private static readonly string[] AllColumns = ["scale", "local", "deployed", "cosine", "max error", "clipped", "levels", "alone"];
    private static readonly string[] MainColumns = ["local", "deployed", "clipped", "alone"];
    private static readonly string[] LeastColumns = ["deployed", "alone"];

    public static void Print(IAnsiConsole console, LayerComparisonReport report, ComparisonResult? result)
    {
        console.Write(WidestTable.For(console, (columns, bars) => TableOf(report, columns, bars),
            (AllColumns, 16), (AllColumns, 8), (AllColumns, 0), (MainColumns, 8), (MainColumns, 0), (LeastColumns, 0)));
        foreach (var (output, decibels) in report.SqnrDecibels)
        {
            console.WriteLine($"SQNR of {VisibleText.Of(output)}: {Numbers.Decibels(decibels)}, {Numbers.Count(report.Evaluation.Samples)} samples");
            foreach (var (part, own) in report.PartSqnrDecibels?.GetValueOrDefault(output) ?? [])
                console.WriteLine($"  of it {VisibleText.Of(part)}: {Numbers.Decibels(own)}");
        }
        foreach (var (output, rows) in report.Rows ?? [])
            console.WriteLine($"Rows of {VisibleText.Of(output)}: {Numbers.Count(rows.Float)} float, {Numbers.Count(rows.Int8)} int8");
        if (report is { FloatAccuracy.Acc1: { } before, Int8Accuracy.Acc1: { } after })
            console.WriteLine($"Acc@1: {Numbers.Fixed(before, 2)} % float, {Numbers.Fixed(after, 2)} % int8");
        foreach (var note in new Findings(result).Notes()) console.WriteLine(note);
        if (report.Agreement is { } agreement) console.WriteLine($"same class: {Numbers.Fixed(agreement, 2)} % of the samples");
        Print(console, report.Findings);
        if (report.Headrooms.Length > 0) Print(console, report.Headrooms);
        DiagnosticText.Print(console, report.Diagnostics);
        if (report.Report is { } page) console.WriteLine($"report {page}");
    }

    private static void Print(IAnsiConsole console, FindingReport[] findings)
    {
        foreach (var (i, finding) in findings.Index())
        {
            console.WriteLine(VisibleText.Of($"{i + 1}. {finding.Layer}: {WordsOf(finding.Kind)},"
                + $" {Numbers.Fixed(finding.NoisePercent, 0)} % of the noise. {finding.Message}"));
            console.WriteLine($"   {VisibleText.Of(finding.Advice)}: {Ratio(finding.DecibelsMended)} at the output instead of"
                + $" {Ratio(finding.DecibelsNow)}{LossOf(finding)}{TimeOf(finding)}");
        }
    }

    private static string LossOf(FindingReport finding) => finding is { LossNow: { } now, LossMended: { } mended }
        ? $"; loss {Numbers.Signed(mended, 4)} against float instead of {Numbers.Signed(now, 4)}" : "";

    private static string TimeOf(FindingReport finding) =>
        finding.Fix.TimeRatio is { } ratio ? $"; {Numbers.Fixed(ratio, 2)} times as long on one thread" : "";

    private static void Print(IAnsiConsole console, HeadroomReport[] headrooms)
    {
        var least = headrooms.MinBy(h => h.SpareBits)!;
        var (pairs, dead) = (headrooms.Sum(h => h.PairChannels), headrooms.Sum(h => h.DeadChannels));
        console.WriteLine(least.SpareBits > 0
            ? $"int32 sums cannot overflow: {Numbers.Fixed(least.SpareBits, 1)} bits are to spare where there are fewest"
                + $" ({VisibleText.Of(least.Layer)})."
            : $"int32 sums can overflow in {VisibleText.Of(least.Layer)}: {Numbers.Count(least.GreatestSum)} is within reach.");
        if (pairs > 0)
            console.WriteLine($"An engine that adds pairs in int16 (x86 without VNNI) can saturate in {Numbers.Count(pairs)} of"
                + $" {Numbers.Count(headrooms.Sum(h => h.Channels))} channels.");
        if (dead > 0) console.WriteLine($"Channels whose int8 weights are all zero: {Numbers.Count(dead)}.");
    }

    private static Table TableOf(LayerComparisonReport report, string[] columns, int bars)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("layer");
        // Without sensitivity samples nothing was measured alone.
        var hasAlone = report.Tensors.Any(t => t.OutputDecibels is not null);
        string[] shown = [.. columns.Where(c => hasAlone || c != "alone")];
        foreach (var name in shown) table.AddColumn(new TableColumn(name).NoWrap().RightAligned());
        if (bars > 0) table.AddColumn(new TableColumn("values").NoWrap());
        foreach (var tensor in report.Tensors)
        {
            string[] row = [VisibleText.Of(tensor.Layer), .. shown.Select(column => CellOf(tensor, column))];
            if (bars > 0) row = [.. row, Sparkline.OfCounts(tensor.Levels, bars)];
            table.AddRow(row.Select(cell => new Cell(cell)));
        }
        return table;
    }

    private static string CellOf(TensorErrorReport tensor, string column) => column switch
    {
        "scale" => Numbers.Brief(tensor.Scale),
        "local" => Ratio(tensor.LocalDecibels ?? tensor.RoundingDecibels),
        "deployed" => Ratio(tensor.AccumulatedDecibels),
        "cosine" => Numbers.Fixed(tensor.Cosine, 5),
        "max error" => Numbers.Brief(tensor.MaxError),
        "clipped" => Numbers.Fixed(tensor.ClippedPercent, 2) + " %",
        "levels" => Numbers.Fixed(tensor.LevelsUsedPercent, 0) + " %",
        _ => Ratio(tensor.OutputDecibels),
    };

    private static string Ratio(double? decibels) => decibels is { } value ? Numbers.Decibels(value) : "exact";

    private static string WordsOf(string kind) => kind switch
    {
        nameof(Analysis.ErrorKind.SharedRange) => "a range that different tensors share",
        nameof(Analysis.ErrorKind.WideRange) => "range too wide",
        nameof(Analysis.ErrorKind.OutlierChannel) => "an outlier channel",
        nameof(Analysis.ErrorKind.Input) => "another input than calibrated",
        _ => kind.ToLowerInvariant(),
    };
}
