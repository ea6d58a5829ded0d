namespace Caliper.Reporting;

/// <summary>All layers at a glance, in execution order, coloured by what the deployed network has there.</summary>
internal static class ModelMap
{
    public static void Write(HtmlPage page, IReadOnlyList<ReportLayer> layers)
    {
        page.Add($"<section aria-labelledby=\"map\"><h2 id=\"map\">Model map</h2>\n");
        page.Add($"<p class=\"lead\">Every int8 tensor in execution order, with its {Glossary.Sqnr} in dB {Glossary.Accumulated:as deployed}. ");
        if (Lowest(layers) is { } lowest)
            page.Add($"The lowest is {lowest} with {Figures.DecibelsWithUnit(lowest.Tensor!.AccumulatedDecibels)}.");
        page.Add($"</p>\n<ul class=\"legend\" aria-label=\"Colours, in dB\">");
        foreach (var (name, label) in SqnrColour.Legend) page.Add($"<li><span class=\"swatch {name}\"></span>{label}</li>");
        page.Add($"</ul>\n<ol class=\"map\">\n");
        foreach (var layer in layers)
        {
            if (layer.Tensor is not { } tensor) continue;
            var decibels = tensor.AccumulatedDecibels;
            page.Add($"<li><a class=\"{SqnrColour.Of(decibels)}\" href=\"#{layer.Anchor}\" title=\"{layer.Name}: {Figures.DecibelsWithUnit(decibels)} as deployed\">");
            page.Add($"<b>{Figures.Decibels(decibels)}</b> <span class=\"name\">{layer.ShortName}</span></a></li>\n");
        }
        page.Add($"</ol></section>\n");
    }

    private static ReportLayer? Lowest(IEnumerable<ReportLayer> layers) =>
        layers.Where(l => l.Tensor is { } t && double.IsFinite(t.AccumulatedDecibels)).MinBy(l => l.Tensor!.AccumulatedDecibels);
}
