namespace Caliper.Reporting.Html;

/// <summary>All layers at a glance, in execution order, coloured by what the deployed network has there.</summary>
internal static class ModelMap
{
    /// <param name="page">The page.</param>
    /// <param name="layers">All layers.</param>
    /// <param name="calibration">What errors are predicted from; null where they were measured.</param>
    public static void Write(HtmlPage page, IReadOnlyList<ReportLayer> layers, HtmlCalibration? calibration)
    {
        page.Add($"<section aria-labelledby=\"map\"><h2 id=\"map\">Model map</h2>\n");
        if (calibration is null)
            page.Add($"<p class=\"lead\">Every int8 tensor in execution order, with its {Glossary.Sqnr} in dB {Glossary.Accumulated:as deployed}. ");
        else
            WriteLead(page, calibration);
        if (Lowest(layers) is { } lowest) page.Add($"The lowest is {lowest} with {Figures.DecibelsWithUnit(lowest.Decibels)}.");
        page.Add($"</p>\n<ul class=\"legend\" aria-label=\"Colours, in dB\">");
        foreach (var (name, label) in SqnrColour.Legend) page.Add($"<li><span class=\"swatch {name}\"></span>{label}</li>");
        page.Add($"</ul>\n<ol class=\"map\">\n");
        foreach (var layer in layers)
        {
            if (layer.Decibels is not { } decibels) continue;
            var title = $"{layer.Name}: {Figures.DecibelsWithUnit(decibels)} {(calibration is null ? "as deployed" : "predicted")}";
            page.Add($"<li><a class=\"{SqnrColour.Of(decibels)}\" href=\"#{layer.Anchor}\" title=\"{title}\">");
            page.Add($"<b>{Figures.Decibels(decibels)}</b> <span class=\"name\">{layer.ShortName}</span></a></li>\n");
        }
        page.Add($"</ol></section>\n");
    }

    private static ReportLayer? Lowest(IEnumerable<ReportLayer> layers) =>
        layers.Where(l => l.Decibels is { } decibels && double.IsFinite(decibels)).MinBy(l => l.Decibels);

    private static void WriteLead(HtmlPage page, HtmlCalibration calibration)
    {
        page.Add($"<p class=\"lead\">Every tensor that becomes int8 with Caliper's qconfig, in execution order, ");
        page.Add($"with the {Glossary.Predicted:SQNR in dB that is predicted}");
        if (calibration.Method is { } method) page.Add($" for the range that {MethodTerms.Of(method):the method} {method} chooses");
        page.Add($". ");
    }
}
