using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>The verdict: what costs most, each with what mends it.</summary>
internal static class FindingSection
{
    public static void Write(HtmlPage page, QuantizationReport report, IReadOnlyList<ReportLayer> layers, Func<Fix, string> fixText)
    {
        page.Add($"<section aria-labelledby=\"verdict\"><h2 id=\"verdict\">Verdict</h2>\n");
        page.Add($"<p class=\"lead\">{Sentence(report.Findings.Length)}</p>\n");
        if (!report.Findings.IsEmpty)
        {
            page.Add($"<ol class=\"findings\">\n");
            foreach (var finding in report.Findings)
                WriteCard(page, finding, layers.FirstOrDefault(l => l.Name == finding.Layer), fixText(finding.Fix));
            page.Add($"</ol>\n");
        }
        page.Add($"</section>\n");
    }

    private static string Sentence(int findings) => findings switch
    {
        0 => "No single change was measured to help.",
        1 => "One place costs most. Its share of the noise is that of this place measured alone; what mending gives was measured, "
            + "within half a decibel.",
        _ => $"{findings} places cost most: faults first, then what is only costly. Shares of the noise are those of each place measured alone; "
            + "what mending gives was measured, within half a decibel.",
    };

    private static void WriteCard(HtmlPage page, Finding finding, ReportLayer? layer, string fixText)
    {
        page.Add($"<li class=\"card\"><h3>");
        if (layer is null) page.Add($"<span class=\"name\">{finding.Layer:name}</span>");
        else page.Add($"{layer}");
        var share = double.IsNaN(finding.NoiseShare) ? 0 : (int)Math.Round(100 * Math.Clamp(finding.NoiseShare, 0, 1));
        page.Add($"</h3>\n<p class=\"tags\"><span class=\"tag\">{InWords(finding.Kind)}</span> ");
        page.Add($"<span>{Figures.Percent(finding.NoiseShare)} of the noise</span></p>");
        page.Add($"<div class=\"share\" aria-hidden=\"true\"><span style=\"width:{share}%\"></span></div>\n");
        // Each option on a line of its own: a browser breaks lines after hyphens, and would tear an option apart.
        var fix = fixText.Replace(" --", "\n--", StringComparison.Ordinal);
        page.Add($"<p>{finding.Message}</p>\n<pre class=\"fix\"><code>{fix}</code></pre>\n");
        page.Add($"<p class=\"mended\">Measured: <strong>{Figures.DecibelsWithUnit(finding.DecibelsMended)}</strong> at the output instead of ");
        page.Add($"{Figures.DecibelsWithUnit(finding.DecibelsNow)}");
        if (finding is { LossNow: { } now, LossMended: { } mended })
            page.Add($"; loss {Figures.Loss(mended)} against float instead of {Figures.Loss(now)}");
        if (finding.TimeRatio is { } ratio) page.Add($"; {ratio:F2} times as long");
        page.Add($"</p>\n");
        page.Add($"</li>\n");
    }

    private static string InWords(ErrorKind kind) => kind switch
    {
        ErrorKind.Clipping => "values beyond the range",
        ErrorKind.WideRange => "range too wide",
        ErrorKind.Rounding => "too few levels",
        ErrorKind.Weights => "rounding of the weights",
        ErrorKind.OutlierChannel => "one channel outgrows the rest",
        ErrorKind.SharedRange => "tensors of different ranges share one",
        ErrorKind.Input => "unexpected input",
        _ => kind.ToString(),
    };
}
