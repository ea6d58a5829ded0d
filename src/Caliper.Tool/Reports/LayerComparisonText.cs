using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells what int8 changes, layer by layer.</summary>
internal static class LayerComparisonText
{
    public static void Print(IAnsiConsole console, LayerComparisonReport report)
    {
        console.Write(TableOf(report));
        foreach (var (output, decibels) in report.SqnrDecibels)
            console.WriteLine($"SQNR of {output}: {Numbers.Decibels(decibels)}, {Numbers.Count(report.Evaluation.Samples)} samples");
        Print(console, report.Findings);
        DiagnosticText.Print(console, report.Diagnostics);
    }

    private static void Print(IAnsiConsole console, FindingReport[] findings)
    {
        foreach (var (i, finding) in findings.Index())
        {
            console.WriteLine($"{i + 1}. {finding.Layer}: {WordsOf(finding.Kind)}, {Numbers.Fixed(finding.NoisePercent, 0)} % of the noise. {finding.Message}");
            console.WriteLine($"   {finding.Fix}: {Ratio(finding.DecibelsMended)} at the output instead of {Ratio(finding.DecibelsNow)}");
        }
    }

    private static Table TableOf(LayerComparisonReport report)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("layer");
        foreach (var name in new[] { "scale", "local", "deployed", "cosine", "max error", "clipped", "levels", "alone" })
            table.AddColumn(new TableColumn(name).NoWrap().RightAligned());
        foreach (var tensor in report.Tensors)
        {
            table.AddRow(new Text(tensor.Layer), new Text(Numbers.Compact(tensor.Scale)), new Text(Ratio(tensor.LocalDecibels ?? tensor.RoundingDecibels)),
                new Text(Ratio(tensor.AccumulatedDecibels)), new Text(Numbers.Fixed(tensor.Cosine, 5)), new Text(Numbers.Compact(tensor.MaxError)),
                new Text(Numbers.Fixed(tensor.ClippedPercent, 2) + " %"), new Text(Numbers.Fixed(tensor.LevelsUsedPercent, 0) + " %"), new Text(Ratio(tensor.OutputDecibels)));
        }
        return table;
    }

    private static string Ratio(double? decibels) => decibels is { } value ? Numbers.Decibels(value) : "exact";

    private static string WordsOf(string kind) => kind switch
    {
        nameof(Analysis.ErrorKind.WideRange) => "range too wide",
        nameof(Analysis.ErrorKind.OutlierChannel) => "an outlier channel",
        nameof(Analysis.ErrorKind.Input) => "another input than calibrated",
        _ => kind.ToLowerInvariant(),
    };
}
