using Caliper.Calibration.Convergence;

namespace Caliper.Reporting.Html;

/// <summary>How much calibration saw, whether it was enough, and what is odd about it.</summary>
internal static class CalibrationSection
{
    private const int MostMoving = 8;
    private const int MostPlaces = 4;

    public static void Write(HtmlPage page, HtmlCalibration calibration)
    {
        var statistics = calibration.Statistics;
        page.Add($"<section aria-labelledby=\"calibration\"><h2 id=\"calibration\">Calibration</h2>\n");
        page.Add($"<p class=\"lead\">{Figures.Count(statistics.Samples.Count)} samples, ");
        page.Add($"{Figures.Count(statistics.Tensors.Values.Sum(t => t.All.Count))} values ");
        page.Add($"in {Figures.Count(statistics.Tensors.Count)} tensors were observed.");
        if (calibration.Convergence is { } verdict)
        {
            page.Add($" {Glossary.Convergence}: {verdict}.</p>\n");
            if (verdict.Moving > 0) WriteMoving(page, verdict);
        }
        else
        {
            page.Add($"</p>\n");
        }
        if (!calibration.Diagnostics.IsDefaultOrEmpty) WriteDiagnostics(page, calibration);
        page.Add($"</section>\n");
    }

    private static void WriteMoving(HtmlPage page, ConvergenceVerdict verdict)
    {
        page.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"Tensors still moving\" tabindex=\"0\"><table class=\"summary\"><thead><tr>");
        page.Add($"<th scope=\"col\">Still moving</th><th scope=\"col\">Scale</th><th scope=\"col\">Halves differ</th>");
        page.Add($"<th scope=\"col\">Half costs</th></tr></thead><tbody>\n");
        foreach (var tensor in verdict.Tensors.Where(t => t.IsMoving).Take(MostMoving))
        {
            page.Add($"<tr><th scope=\"row\" class=\"name\">{tensor.Name:name}</th><td>{ParameterText.Scale(tensor.Parameters)}</td>");
            page.Add($"<td>{Figures.Percent(tensor.Disagreement)}</td><td>{Figures.DecibelsWithUnit(tensor.LossDecibels)}</td></tr>\n");
        }
        page.Add($"</tbody></table></div>\n");
        if (verdict.Moving > MostMoving) page.Add($"<p class=\"muted\">and {verdict.Moving - MostMoving} more</p>\n");
    }

    private static void WriteDiagnostics(HtmlPage page, HtmlCalibration calibration)
    {
        page.Add($"<ul class=\"findings\">\n");
        foreach (var group in calibration.Diagnostics.GroupBy(d => (d.Code, d.Message, d.Advice)))
        {
            var places = group.Select(d => d.Place).Distinct().ToArray();
            page.Add($"<li class=\"card\"><h3>{group.Key.Code}</h3><p class=\"name\">{string.Join(", ", places.Take(MostPlaces)):name}");
            if (places.Length > MostPlaces) page.Add($" and {places.Length - MostPlaces} more");
            page.Add($"</p>\n<p>{group.Key.Message}</p><p>{group.Key.Advice}</p></li>\n");
        }
        page.Add($"</ul>\n");
    }
}
