using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>Whether integer sums can overflow: the proof in a few sentences; each layer's bounds stand with its details.</summary>
internal static class HeadroomSection
{
    public static void Write(HtmlPage page, QuantizationReport report, IReadOnlyList<ReportLayer> layers)
    {
        var headrooms = report.Headrooms;
        if (headrooms.IsDefaultOrEmpty) return;
        var least = headrooms.MinBy(h => h.SpareBits)!;
        page.Add($"<section aria-labelledby=\"headroom\"><h2 id=\"headroom\">Head-room</h2>\n");
        page.Add($"<p class=\"lead\">Bounds from the int8 weights and the levels that the data reached; ");
        page.Add($"they hold for every input between those levels.</p>\n");
        page.Add($"<ul class=\"facts-list\"><li>");
        if (least.SpareBits > 0)
        {
            page.Add($"int32 sums cannot overflow: {least.SpareBits:F1} {Glossary.SpareBits:bits are to spare} where there are fewest (");
            WriteLayer(page, least.Layer, layers);
            page.Add($").</li>\n");
        }
        else
        {
            page.Add($"int32 sums can overflow in ");
            WriteLayer(page, least.Layer, layers);
            page.Add($": {Figures.Count(least.GreatestSum)} is within reach.</li>\n");
        }
        if (headrooms.Sum(h => h.PairChannels) is > 0 and var pairs)
        {
            page.Add($"<li>An engine that adds {Glossary.Pairs:pairs in int16} (x86 without VNNI) can saturate in {Figures.Count(pairs)} of ");
            page.Add($"{Figures.Count(headrooms.Sum(h => h.Channels))} channels. Caliper's adds none in int16.</li>\n");
        }
        if (headrooms.Sum(h => h.DeadChannels) is > 0 and var dead)
            page.Add($"<li>{Glossary.DeadChannels:Channels whose int8 weights are all zero}: {Figures.Count(dead)}.</li>\n");
        page.Add($"</ul></section>\n");
    }

    /// <summary>The bounds of one layer.</summary>
    public static void WriteNumbers(HtmlPage page, Headroom headroom)
    {
        page.Add($"<dl class=\"numbers room\">\n<div><dt>{Glossary.SpareBits}</dt><dd>{headroom.SpareBits:F1} of 31</dd></div>\n");
        page.Add($"<div><dt>{Glossary.GreatestBias}</dt><dd>{Figures.Count(headroom.GreatestBias)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Pairs}</dt><dd>{Share(headroom.PairChannels, headroom.Channels)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.DeadChannels}</dt><dd>{Share(headroom.DeadChannels, headroom.Channels)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.ScaleRatio}</dt><dd>{Figures.Real(headroom.ScaleRatio)}</dd></div>\n</dl>\n");
    }

    private static string Share(int channels, int all) => $"{Figures.Count(channels)} of {Figures.Count(all)}";

    private static void WriteLayer(HtmlPage page, string name, IReadOnlyList<ReportLayer> layers)
    {
        if (layers.FirstOrDefault(l => l.Name == name) is { } layer) page.Add($"{layer}");
        else page.Add($"<span class=\"name\">{name:name}</span>");
    }
}
