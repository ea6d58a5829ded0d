using System.Globalization;
using System.Text;

namespace Caliper.Reporting.Html;

/// <summary>
/// How the float values of a tensor fall to its integer levels. Heights are <c>log(1 + count)</c>: after a ReLU zero outnumbers all
/// else, and on a plain scale the rest would be a flat line. The drawing is stretched to the page's width; its texts stand outside of
/// it, so that they keep their size.
/// </summary>
internal static class HistogramFigure
{
    private const int Height = 100;
    private const int LevelWidth = 4;
    private const int TailWidth = 24;

    // From the drawing's edge to the first level: the tail and a gap.
    private const int Margin = TailWidth + 8;

    public static void Write(HtmlPage page, LevelCounts tensor)
    {
        var (parameters, levels) = (tensor.Parameters, tensor.Levels);
        if (levels.IsEmpty || levels.Max() <= 0)
        {
            page.Add($"<p class=\"muted\">There is no histogram: no values were counted.</p>\n");
            return;
        }
        var width = (2 * Margin) + (LevelWidth * levels.Length);
        var log = Math.Log(1d + Math.Max(levels.Max(), Math.Max(tensor.Below, tensor.Above)));
        int HeightOf(long count) => count <= 0 ? 0 : Math.Max(1, (int)Math.Round(Height * Math.Log(1d + count) / log));
        var (min, max) = (ParameterText.Min(parameters), ParameterText.Max(parameters));
        // A level is the middle of its bar.
        double Place(double real) => Margin + (LevelWidth * (((real - min) / (max - min) * (levels.Length - 1)) + 0.5));

        var label = InWords(tensor, min, max);
        page.Add($"<figure class=\"histogram\"><figcaption>{Figures.Count(tensor.Values)} float values in {levels.Length} levels; ");
        page.Add($"one step is {ParameterText.Scale(parameters)}.</figcaption>\n");
        page.Add($"<div class=\"plot\"><div class=\"y\" aria-hidden=\"true\">");
        WriteHeights(page, HeightOf, levels.Max());
        page.Add($"</div><div class=\"marks\" aria-hidden=\"true\">");
        var (left, right) = (Clamp(Place(tensor.Min), width), Clamp(Place(tensor.Max), width));
        WriteMarks(page, tensor, Share(left, width), Share(right, width));
        page.Add($"</div>\n<svg role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {width} {Height}\" preserveAspectRatio=\"none\">");
        page.Add($"<title>{label}</title>");
        page.Add($"<path class=\"bars\" d=\"");
        page.AddTrusted(Outline(tensor, HeightOf));
        page.Add($"\"/>");
        WriteTail(page, 0, HeightOf(tensor.Below));
        WriteTail(page, width - TailWidth, HeightOf(tensor.Above));
        // Hairlines between the levels, drawn as the dashes of one broad line.
        page.Add($"<path class=\"grid\" d=\"M{Margin} {Height / 2}h{LevelWidth * levels.Length}\" stroke-width=\"{Height}\"/>");
        page.Add($"<path class=\"edge\" d=\"M{Margin} 0V{Height}M{width - Margin} 0V{Height}\"/>");
        page.Add($"<path class=\"mark\" d=\"M{left} 0V{Height}M{right} 0V{Height}\"/></svg>\n<div class=\"x\" aria-hidden=\"true\">");
        foreach (var tick in Ticks.Between(min, max, 5))
            page.Add($"<span style=\"left:{Share((int)Math.Round(Place(tick)), width)}%\">{Figures.Real(tick)}</span>");
        page.Add($"</div></div>\n");
        WriteLegend(page, tensor);
        page.Add($"</figure>\n");
    }

    // The figure for those who hear it.
    private static string InWords(LevelCounts tensor, double min, double max) =>
        $"Histogram of {tensor.Name}: {Figures.Count(tensor.Values)} values "
        + $"from {Figures.Real(tensor.Min)} to {Figures.Real(tensor.Max)} "
        + $"in a range from {Figures.Real(min)} to {Figures.Real(max)}; "
        + $"{Figures.Count(tensor.Below)} below and {Figures.Count(tensor.Above)} above it.";

    // One outline for all bars: a line to each new height, then as far as it stays. The counts of the first and the last level without
    // what was clipped to them; that is drawn apart.
    private static string Outline(LevelCounts tensor, Func<long, int> heightOf)
    {
        var path = new StringBuilder(FormattableString.Invariant($"M{Margin} {Height}"));
        var (height, run, last) = (0, 0, tensor.Levels.Length - 1);
        for (var level = 0; level <= last; level++)
        {
            var count = tensor.Levels[level] - (level == 0 ? tensor.Below : 0) - (level == last ? tensor.Above : 0);
            var next = heightOf(count);
            if (next != height)
            {
                if (run > 0) path.Append(CultureInfo.InvariantCulture, $"h{run * LevelWidth}");
                path.Append(CultureInfo.InvariantCulture, $"V{Height - next}");
                (height, run) = (next, 0);
            }
            run++;
        }
        return path.Append(CultureInfo.InvariantCulture, $"h{run * LevelWidth}V{Height}z").ToString();
    }

    private static void WriteTail(HtmlPage page, int x, int height)
    {
        if (height > 0) page.Add($"<path class=\"clip\" d=\"M{x} {Height}V{Height - height}h{TailWidth}V{Height}z\"/>");
    }

    private static void WriteHeights(HtmlPage page, Func<long, int> heightOf, long greatest)
    {
        // Two decades or three between marks, so that they do not touch.
        var step = greatest >= 1_000_000 ? 1000 : 100;
        for (long count = 1; count <= greatest; count *= step)
        {
            page.Add($"<span style=\"bottom:{heightOf(count)}%\">{Short(count)}</span>");
            if (count > long.MaxValue / step) break;
        }
    }

    private static string Short(long count) => count switch
    {
        < 1000 => FormattableString.Invariant($"{count}"),
        < 1_000_000 => FormattableString.Invariant($"{count / 1000}k"),
        < 1_000_000_000 => FormattableString.Invariant($"{count / 1_000_000}M"),
        _ => FormattableString.Invariant($"{count / 1_000_000_000}G"),
    };

    private static void WriteMarks(HtmlPage page, LevelCounts tensor, int left, int right)
    {
        // Each text grows away from its mark to where there is room; where both would start near each other, the second goes a line down.
        var crowded = left < 40 && right < 75 && right - left < 25;
        page.Add($"<span class=\"{(left < 40 ? "after" : "before")}\" style=\"left:{left}%\">min {Figures.Real(tensor.Min)}</span>");
        page.Add($"<span class=\"{(right < 75 ? "after" : "before")}{(crowded ? " down" : "")}\" style=\"left:{right}%\">");
        page.Add($"max {Figures.Real(tensor.Max)}</span>");
    }

    private static void WriteLegend(HtmlPage page, LevelCounts tensor)
    {
        var outside = tensor.Min < ParameterText.Min(tensor.Parameters) || tensor.Max > ParameterText.Max(tensor.Parameters);
        page.Add($"<ul class=\"key\"><li><span class=\"swatch bars\"></span>values per level, log scale</li>");
        page.Add($"<li><span class=\"swatch edge\"></span>the {Glossary.Range:range} and the grid of its {tensor.Levels.Length} levels</li>");
        page.Add($"<li><span class=\"swatch mark\"></span>observed min and max{(outside ? " (at the edge: beyond the range)" : "")}</li>");
        if (tensor.Below + tensor.Above > 0)
        {
            page.Add($"<li><span class=\"swatch clip\"></span>{Glossary.Clipping:clipped}: ");
            page.Add($"{Figures.Count(tensor.Below)} below, {Figures.Count(tensor.Above)} above</li>");
        }
        page.Add($"</ul>\n");
    }

    // What lies outside of the range is marked at the drawing's edge.
    private static int Clamp(double x, int width) => double.IsNaN(x) ? 0 : (int)Math.Round(Math.Clamp(x, 1, width - 1));

    private static int Share(int x, int width) => (int)Math.Round(100d * x / width);
}
