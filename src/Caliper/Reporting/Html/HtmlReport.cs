using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>
/// A <see cref="QuantizationReport"/>, a calibration, or both as one HTML page for people: the verdict, a map of the network, a table of
/// all layers, for each a histogram, the ranges that other methods choose and the path to its range, and a glossary. The page needs no
/// network and no other file; its script only sorts, filters and unfolds what is there
/// without it. The same report gives the same text.
/// </summary>
public static class HtmlReport
{
    // Even if some text slipped through unescaped, the page could load nothing and send nothing.
    private const string Policy = "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; img-src data:";

    private static readonly Lazy<string> _style = new(() => Resource("report.css"));
    private static readonly Lazy<string> _script = new(() => Resource("report.js"));

    /// <summary>Writes the page.</summary>
    /// <param name="report">What was measured; null for a page of the calibration alone.</param>
    /// <param name="header">Title, names of the networks, further figures, and the calibration.</param>
    /// <returns>A whole HTML document; save it as UTF-8.</returns>
    /// <exception cref="ArgumentException">There is neither a report nor a calibration.</exception>
    public static string Render(QuantizationReport? report, HtmlReportHeader header)
    {
        ArgumentNullException.ThrowIfNull(header);
        if (report is null && header.Calibration is null)
            throw new ArgumentException("There is neither a report nor a calibration to show.", nameof(report));
        var layers = report is null ? ReportLayer.Of(header.Calibration!) : ReportLayer.Of(report, header.Calibration);
        var page = new HtmlPage();
        Begin(page, header.Title);
        SummarySection.Write(page, report, header);
        if (report is not null) FindingSection.Write(page, report, layers, header.FixText);
        if (header.Calibration is { } calibration) CalibrationSection.Write(page, calibration);
        ModelMap.Write(page, layers, report is null ? header.Calibration : null);
        LayerTable.Write(page, layers, report is null ? LayerTable.Predicted : LayerTable.Measured);
        if (report is not null) HeadroomSection.Write(page, report, layers);
        LayerDetails.Write(page, layers);
        Glossary.Write(page);
        page.Add($"</main>\n<script>\n");
        page.AddTrusted(_script.Value);
        page.Add($"</script>\n</body>\n</html>\n");
        return page.ToString();
    }

    private static void Begin(HtmlPage page, string title)
    {
        page.Add($"<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n");
        // Not a hole: escaped quotes would be right too, but a reader should be able to check the policy at a glance.
        page.AddTrusted($"<meta http-equiv=\"Content-Security-Policy\" content=\"{Policy}\">\n");
        page.Add($"<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n");
        page.Add($"<meta name=\"color-scheme\" content=\"light dark\">\n<meta name=\"referrer\" content=\"no-referrer\">\n");
        page.Add($"<title>{title}</title>\n<style>\n");
        page.AddTrusted(_style.Value);
        page.Add($"</style>\n</head>\n<body>\n<main>\n");
    }

    private static string Resource(string name)
    {
        using var stream = typeof(HtmlReport).Assembly.GetManifestResourceStream("Caliper.Reporting.Html." + name)
            ?? throw new InvalidOperationException($"The library was built without its resource {name}.");
        using var reader = new StreamReader(stream);
        return reader.ReadToEnd();
    }
}
