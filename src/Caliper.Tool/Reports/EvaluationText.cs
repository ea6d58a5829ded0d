using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells the evaluation of one model.</summary>
internal static class EvaluationText
{
    public static void Print(IAnsiConsole console, EvaluationReport report)
    {
        console.WriteLine($"{report.Model} on {Numbers.Count(report.Evaluation.Samples)} samples of {report.Evaluation.Data}");
        if (report.Acc1 is { } acc1) console.WriteLine($"Acc@1    {Numbers.Fixed(acc1, 2)} %");
        if (report.Acc5 is { } acc5) console.WriteLine($"Acc@5    {Numbers.Fixed(acc5, 2)} %");
        if (report.Loss is { } loss) console.WriteLine($"Loss     {Numbers.Fixed(loss, 4)}");
        if (report.Acc1 is null)
            console.WriteLine("Accuracy is not measured: the data has no labels, or the first output no class scores.");
        console.WriteLine($"Size     {Numbers.Bytes(report.SizeBytes)}");
        console.WriteLine($"Latency  {Numbers.Fixed(report.LatencyMilliseconds, 3)} ms");
        DiagnosticText.Print(console, report.Diagnostics);
    }
}
