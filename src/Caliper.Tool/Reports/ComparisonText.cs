using Caliper.Evaluation;
using Caliper.Tool.Consoles;
using Spectre.Console;

namespace Caliper.Tool.Reports;

/// <summary>Tells a comparison in one table.</summary>
internal static class ComparisonText
{
    /// <param name="console">Where to.</param>
    /// <param name="report">What is told.</param>
    /// <param name="findings">What was measured.</param>
    public static void Print(IAnsiConsole console, ComparisonReport report, Findings findings)
    {
        if (report.Calibration is { } calibration)
        {
            console.WriteLine($"Calibrated with {Describe(calibration)}.{LayersOf(report)}");
        }
        if (report.DataFree is { } expected)
        {
            console.WriteLine($"Calibrated without data, by what batch norms tell; the input is taken to be {expected.Input}.{LayersOf(report)}");
            foreach (var (output, sqnr8) in expected.PredictedSqnrDecibels)
                console.WriteLine($"Predicted for {VisibleText.Of(output)}: SQNR about {Numbers.Decibels(sqnr8)}, root-mean-square error "
                    + $"{Numbers.Brief(expected.PredictedErrors[output])}; --test-data measures it.");
        }
        if (report.Search is { } search) console.WriteLine(Describe(search));
        if (report.Tuning is { } tuning) TuningText.Print(console, tuning);
        console.WriteLine(report.Evaluation is { } evaluation ? $"Evaluated on {Describe(evaluation)}{Overlap(report.Calibration, evaluation)}."
            : "Not evaluated: --test-data names data to compare both models on.");
        console.Write(TableOf(report, findings.Comparison?.Sqnr ?? []));
        foreach (var note in findings.Notes()) console.WriteLine(note);
        console.WriteLine($"float  {report.Model}");
        console.WriteLine($"int8   {report.Output}");
        if (report.Report is { } page) console.WriteLine($"report {page}");
        DiagnosticText.Print(console, report.Diagnostics);
    }

    private static string LayersOf(ComparisonReport report) => report.Layers is { } counts
        ? $" {Numbers.Count(counts.Int8)} layers in int8, {Numbers.Count(counts.Float)} in float." : "";

    private static string Describe(DataReport data) => $"{Numbers.Count(data.Samples)} samples of {data.Data}";

    private static string Describe(SearchReport search)
    {
        var (chosen, quality) = (search.Chosen, Numbers.Decibels(search.Chosen.SqnrDecibels ?? double.PositiveInfinity));
        var divided = search.Equalized == 0 ? "" : $"The channels of {Numbers.Count(search.Equalized)} tensors are divided by powers of two. ";
        var split = search.Split == 0 ? "" : $"The widest channels of {Numbers.Count(search.Split)} tensors are split. ";
        return divided + split + (chosen.Places == 0 ? $"8 bits are enough everywhere: {quality} at the worst output on calibration data."
            : $"{Numbers.Count(chosen.Places)} tensors have more than 8 bits; {Numbers.Share(chosen.WideShare)} of the multiply-adds read them, "
                + $"{Numbers.Share(chosen.FloatShare)} have float weights. The worst output on calibration data: "
                + $"{Numbers.Decibels(search.Points[0].SqnrDecibels ?? double.PositiveInfinity)} in 8 bits, {quality} so.");
    }

    private static string Overlap(DataReport? calibration, DataReport evaluation) => calibration?.Data != evaluation.Data ? ""
        : calibration.Samples == evaluation.Samples ? ", the same that calibrated"
        : $", of which {Numbers.Count(calibration.Samples)} calibrated";

    /// <summary>The measured figures, a row each: what, float, int8, change.</summary>
    public static IEnumerable<(string Name, string Float, string Int8, string Change)> RowsOf(ComparisonReport report, IReadOnlyList<OutputSqnr> sqnr)
    {
        foreach (var (name, decimals, unit, difference, expected, actual) in new[]
        {
            ("Acc@1", 2, " %", " points", report.Float?.Acc1, report.Int8?.Acc1),
            ("Acc@5", 2, " %", " points", report.Float?.Acc5, report.Int8?.Acc5),
            ("Loss", 4, "", "", report.Float?.Loss, report.Int8?.Loss),
        })
        {
            if (expected is { } before && actual is { } after)
                yield return (name, Numbers.Fixed(before, decimals) + unit, Numbers.Fixed(after, decimals) + unit,
                    Numbers.Signed(after - before, decimals) + difference);
        }
        var size = report.SizeBytes;
        yield return ("Size", Numbers.Bytes(size.Float), Numbers.Bytes(size.Int8), Ratio(size.Float, size.Int8, "smaller", "larger"));
        if (report.LatencyMilliseconds is { } latency)
            yield return ("Latency", Numbers.Fixed(latency.Float, 3) + " ms", Numbers.Fixed(latency.Int8, 3) + " ms",
                Ratio(latency.Float, latency.Int8, "faster", "slower"));
        if (report.Agreement is { } agreement)
            yield return ("Agreement", "", Numbers.Fixed(agreement, 2) + " %", report.AgreementInterval is not { } fits ? ""
                : $"{Numbers.Fixed(fits.Lower, 2)} to {Numbers.Fixed(fits.Upper, 2)} %");
        foreach (var row in RowsOf(report.Vectors)) yield return row;
        foreach (var (output, (before, after)) in report.Rows ?? [])
            yield return ("Rows " + VisibleText.Of(output), Numbers.Count(before), Numbers.Count(after),
                after == before ? "" : Numbers.Signed(after - before, 0));
        foreach (var output in sqnr)
        {
            yield return ("SQNR " + VisibleText.Of(output.Output), "", Numbers.Decibels(output.Decibels), "");
            foreach (var part in output.Parts) yield return ("  of it " + VisibleText.Of(part.Output), "", Numbers.Decibels(part.Decibels), "");
        }
    }

    private static IEnumerable<(string Name, string Float, string Int8, string Change)> RowsOf(VectorReport? vectors)
    {
        if (vectors is null) yield break;
        yield return ("Mean cosine", "", Numbers.Fixed(vectors.MeanCosine, 4), "");
        yield return ("Least cosine", "", Numbers.Fixed(vectors.LeastCosine, 4), VisibleText.Of(vectors.LeastSample));
        if (vectors.Recall1 is { } one) yield return ("Recall@1 of a float index", "", Numbers.Fixed(one, 2) + " %", "");
        if (vectors.Recall10 is { } ten) yield return ("Recall@10 of a float index", "", Numbers.Fixed(ten, 2) + " %", "");
        if (vectors.Spearman is { } spearman)
            yield return ("Spearman", Numbers.Fixed(spearman.Float, 4), Numbers.Fixed(spearman.Int8, 4),
                Numbers.Signed(spearman.Int8 - spearman.Float, 4));
    }

    private static Table TableOf(ComparisonReport report, IReadOnlyList<OutputSqnr> sqnr)
    {
        var table = new Table { Border = TableBorder.Rounded };
        table.AddColumn("");
        foreach (var name in new[] { "float", "int8", "change" }) table.AddColumn(new TableColumn(name).RightAligned());
        foreach (var (name, before, after, change) in RowsOf(report, sqnr))
            table.AddRow(new Cell(name), new Cell(before), new Cell(after), new Cell(change));
        return table;
    }

    private static string Ratio(double before, double after, string less, string more)
    {
        var ratio = Numbers.Fixed(Math.Max(before, after) / Math.Min(before, after), 1);
        return ratio == "1.0" ? "about equal" : $"{ratio}× {(after < before ? less : more)}";
    }
}
