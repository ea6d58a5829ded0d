using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>The head of the page: which networks, how near they are at their outputs, and the caller's own figures.</summary>
internal static class SummarySection
{
    public static void Write(HtmlPage page, QuantizationReport? report, HtmlReportHeader header)
    {
        page.Add($"<header class=\"top\"><p class=\"kicker\">Caliper {(report is null ? "calibration" : "quantization")} report</p>");
        page.Add($"<h1>{header.Title}</h1>\n");
        page.Add($"<dl class=\"facts\"><div><dt>Float</dt><dd class=\"name\">{header.FloatModel:name}</dd></div>");
        if (header.Int8Model is { } int8) page.Add($"<div><dt>Int8</dt><dd class=\"name\">{int8:name}</dd></div>");
        page.Add($"<div><dt>Samples</dt><dd>{Figures.Count(report?.Samples ?? header.Calibration!.Statistics.Samples.Count)}</dd></div></dl>\n");
        page.Add($"<nav aria-label=\"Parts of the report\">");
        (string Anchor, string Name, bool IsThere)[] parts =
        [
            ("verdict", "Verdict", report is not null), ("calibration", "Calibration", header.Calibration is not null),
            ("map", "Map", true), ("table", "Layers", true), ("headroom", "Head-room", report?.Headrooms.IsDefaultOrEmpty is false),
            ("details", "Details", true), ("glossary", "Glossary", true),
        ];
        foreach (var (anchor, name, isThere) in parts)
        {
            if (isThere) page.Add($"<a href=\"#{anchor}\">{name}</a> ");
        }
        page.Add($"</nav></header>\n");
        if (report is not null) WriteOutputs(page, report, header);
    }

    private static void WriteOutputs(HtmlPage page, QuantizationReport report, HtmlReportHeader header)
    {
        page.Add($"<section aria-labelledby=\"outputs\"><h2 id=\"outputs\">Outputs</h2>\n");
        page.Add($"<p class=\"lead\">How much of each output is signal, as {Glossary.Sqnr}. More is better.</p>\n<ul class=\"outputs\">");
        foreach (var output in report.Outputs)
        {
            page.Add($"<li><span class=\"big\">{Figures.DecibelsWithUnit(output.Decibels)}</span>");
            page.Add($"<span class=\"name\">{output.Output}</span><span class=\"muted\">{InWords(output.Decibels)}</span></li>");
        }
        page.Add($"</ul>\n");
        if (!header.Rows.IsDefaultOrEmpty) WriteRows(page, header);
        foreach (var note in header.Notes.IsDefault ? [] : header.Notes) page.Add($"<p class=\"note\">{note}</p>\n");
        page.Add($"</section>\n");
    }

    private static void WriteRows(HtmlPage page, HtmlReportHeader header)
    {
        page.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"Measured figures\" tabindex=\"0\"><table class=\"summary\"><thead><tr>");
        page.Add($"<th scope=\"col\">Measured</th><th scope=\"col\">Float</th><th scope=\"col\">Int8</th>");
        page.Add($"<th scope=\"col\">Change</th></tr></thead><tbody>\n");
        foreach (var row in header.Rows)
            page.Add($"<tr><th scope=\"row\">{row.Label}</th><td>{row.Float}</td><td>{row.Int8}</td><td>{row.Change}</td></tr>\n");
        page.Add($"</tbody></table></div>\n");
    }

    private static string InWords(double decibels) => decibels switch
    {
        double.NaN => "the output is not a number somewhere",
        double.PositiveInfinity => "nothing differs",
        < 0 => "the error is greater than the signal",
        _ => $"the error is {Figures.Percent(Math.Pow(10, -decibels / 20))} of the signal",
    };
}
