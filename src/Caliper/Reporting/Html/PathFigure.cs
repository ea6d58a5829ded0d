using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Caliper.Ranges;

namespace Caliper.Reporting.Html;

/// <summary>How a tensor's range grew batch by batch, and the range that was chosen in the end.</summary>
internal static class PathFigure
{
    private const int Width = 1000;
    private const int Height = 100;
    private const int MaxBars = 200;

    public static void Write(HtmlPage page, CalibratedTensor tensor)
    {
        var path = tensor.Path;
        if (path.IsEmpty) return;
        var running = RunningOf(path);
        var (first, last) = (running[0], running[^1]);
        var (rangeMin, rangeMax) = (ParameterText.Min(tensor.Used), ParameterText.Max(tensor.Used));
        // Zero is in every range.
        var (low, high) = (Math.Min(Math.Min(last.Min, rangeMin), 0), Math.Max(Math.Max(last.Max, rangeMax), 0));
        if (!(high > low)) return;
        double Y(double real) => Math.Round(Height * (high - real) / (high - low), 1);

        var batches = path.Length == 1 ? "1 batch" : $"{Figures.Count(path.Length)} batches";
        var growth = $"{Figures.Real(first.Min)} to {Figures.Real(first.Max)} in the first, "
            + $"{Figures.Real(last.Min)} to {Figures.Real(last.Max)} in all, "
            + $"last widened by batch {Figures.Count(LastGrowth(running) + 1)}.";
        var label = $"Path of {tensor.Name} over {batches}: {growth} The range in use is {ParameterText.Range(tensor.Used)}.";
        page.Add($"<figure class=\"path\"><figcaption>{Glossary.Path:Path} over {batches}, {Figures.Count(path[^1].Samples)} samples: {growth} ");
        page.Add($"Scale by minmax: first {ScaleOf(tensor, first)}, then {ScaleOf(tensor, last)}.</figcaption>\n");
        page.Add($"<div class=\"plot\"><div class=\"y\" aria-hidden=\"true\">");
        foreach (var tick in Ticks.Between(low, high, 4))
            page.Add($"<span style=\"bottom:{Math.Round(Height - Y(tick))}%\">{Figures.Real(tick)}</span>");
        page.Add($"</div>\n<svg role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {Width} {Height}\" preserveAspectRatio=\"none\">");
        page.Add($"<title>{label}</title>");
        page.Add($"<path class=\"range\" d=\"M0 {Y(rangeMax)}H{Width}V{Y(rangeMin)}H0z\"/><path class=\"bars\" d=\"");
        var together = (path.Length + MaxBars - 1) / MaxBars;
        page.AddTrusted(Bars([.. path.Chunk(together).Select(Union)], Y));
        page.Add($"\"/><path class=\"line\" d=\"");
        page.AddTrusted(Steps(running, s => Y(s.Min)) + Steps(running, s => Y(s.Max)));
        page.Add($"\"/></svg>\n<div class=\"x\" aria-hidden=\"true\"><span class=\"first\">batch 1</span>");
        if (path.Length > 1) page.Add($"<span class=\"last\">{Figures.Count(path.Length)}</span>");
        page.Add($"</div></div>\n<ul class=\"key\"><li><span class=\"swatch bars\"></span>");
        page.Add($"{(together == 1 ? "a batch" : $"{together} batches")}, least to greatest value</li>");
        page.Add($"<li><span class=\"swatch line\"></span>least and greatest so far</li>");
        page.Add($"<li><span class=\"swatch range\"></span>the {Glossary.Range:range} in use</li></ul></figure>\n");
    }

    private static BatchRange[] RunningOf(ImmutableArray<BatchRange> path)
    {
        var running = path.ToArray();
        for (var i = 1; i < running.Length; i++) running[i] = Union([running[i - 1], running[i]]);
        return running;
    }

    private static BatchRange Union(BatchRange[] steps) => new(steps[^1].Samples, steps.Min(s => s.Min), steps.Max(s => s.Max));

    private static int LastGrowth(BatchRange[] running)
    {
        var last = running.Length - 1;
        while (last > 0 && running[last - 1].Min == running[last].Min && running[last - 1].Max == running[last].Max) last--;
        return last;
    }

    private static string ScaleOf(CalibratedTensor tensor, BatchRange range) => ParameterText.Scale(
        RangeRule.PerTensor(tensor.Used.Type, tensor.IsSymmetric).Calculate((range.Min, range.Max)));

    private static string Bars(BatchRange[] steps, Func<double, double> y)
    {
        var path = new StringBuilder();
        var width = (double)Width / steps.Length;
        // A batch of one value still is to be seen.
        foreach (var (i, step) in steps.Index())
            path.Append(CultureInfo.InvariantCulture,
                $"M{(i + 0.2) * width:F1} {y(step.Max)}h{0.6 * width:F1}V{Math.Max(y(step.Min), y(step.Max) + 0.5)}h-{0.6 * width:F1}z");
        return path.ToString();
    }

    /// <summary>A line that goes on level until it changes.</summary>
    private static string Steps(BatchRange[] running, Func<BatchRange, double> y)
    {
        var path = new StringBuilder(FormattableString.Invariant($"M0 {y(running[0])}"));
        for (var i = 1; i < running.Length; i++)
            if (y(running[i]) != y(running[i - 1]))
                path.Append(CultureInfo.InvariantCulture, $"H{(double)i * Width / running.Length:F1}V{y(running[i])}");
        return path.Append(CultureInfo.InvariantCulture, $"H{Width}").ToString();
    }
}
