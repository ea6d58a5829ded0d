using System.Collections.Immutable;
using System.Globalization;
using System.Text;
using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>How well each output channel of a layer's weights is written.</summary>
internal static class WeightsFigure
{
    private const int Height = 100;
    private const int MaxBars = 512;

    public static void Write(HtmlPage page, WeightError weights)
    {
        page.Add($"<figure class=\"weights\"><figcaption>Weights: {Figures.DecibelsWithUnit(weights.Decibels)}, ");
        if (weights.Parameters.Axis is null) page.Add($"one scale, {ParameterText.Scale(weights.Parameters)}");
        else page.Add($"{Glossary.PerChannel:one scale per channel}, {ParameterText.Scale(weights.Parameters)}");
        if (weights.OutputDecibels is { } alone) page.Add($"; {Glossary.OutputAlone:at the output, alone}: {Figures.DecibelsWithUnit(alone)}");
        if (weights.LossChange is { } loss) page.Add($"; {Glossary.LossAlone:loss alone}: {Figures.Loss(loss)}");
        page.Add($".</figcaption>\n");
        if (!weights.ChannelDecibels.IsDefaultOrEmpty) WriteStrip(page, weights);
        page.Add($"</figure>\n");
    }

    private static void WriteStrip(HtmlPage page, WeightError weights)
    {
        var channels = weights.ChannelDecibels;
        var worst = Worst(channels);
        var finite = channels.Where(double.IsFinite).DefaultIfEmpty(10).Max();
        var top = Math.Max(10, 10 * Math.Ceiling(finite / 10));
        // A layer of thousands of channels gets one bar for several, so high as the worst of them: what is bad stays visible.
        var together = (channels.Length + MaxBars - 1) / MaxBars;
        var bars = channels.Chunk(together).Select(c => HeightOf(c.Min(Comparable), top)).ToArray();
        var label = $"{weights.Layer}: signal to noise of {channels.Length} output channels. {Sentence(weights, worst)}";
        page.Add($"<div class=\"plot strip\"><div class=\"y\" aria-hidden=\"true\"><span style=\"bottom:0\">0</span>");
        page.Add($"<span style=\"bottom:100%\">{top}</span></div>");
        page.Add($"<svg role=\"img\" aria-label=\"{label}\" viewBox=\"0 0 {4 * bars.Length} {Height}\" preserveAspectRatio=\"none\">");
        page.Add($"<title>{label}</title><path class=\"bars\" d=\"");
        page.AddTrusted(Outline(bars));
        page.Add($"\"/>");
        var bar = worst / together;
        if (double.IsFinite(channels[worst]))
            page.Add($"<path class=\"clip\" d=\"M{4 * bar} {Height}V{Height - Math.Max(3, bars[bar])}h4V{Height}z\"/>");
        page.Add($"</svg>\n<div class=\"x\" aria-hidden=\"true\"><span class=\"first\">0</span>");
        page.Add($"<span class=\"last\">{channels.Length - 1}</span></div></div>\n");
        page.Add($"<ul class=\"key\"><li><span class=\"swatch bars\"></span>dB of each output channel");
        if (together > 1) page.Add($"; a bar is the worst of {together}");
        page.Add($"</li><li><span class=\"swatch clip\"></span>{Sentence(weights, worst)}</li></ul>\n");
    }

    private static string Sentence(WeightError weights, int worst)
    {
        var decibels = weights.ChannelDecibels[worst];
        if (double.IsPositiveInfinity(decibels)) return "Every channel is written without error.";
        var text = FormattableString.Invariant($"The worst is channel {worst} with {Figures.DecibelsWithUnit(decibels)}");
        var magnitudes = weights.ChannelMagnitudes;
        return magnitudes.IsDefaultOrEmpty || worst >= magnitudes.Length
            ? text + "."
            : $"{text}; its greatest weight is {Figures.Real(magnitudes[worst])}, the layer's {Figures.Real(magnitudes.Max())}.";
    }

    private static int Worst(ImmutableArray<double> channels)
    {
        var worst = 0;
        for (var channel = 1; channel < channels.Length; channel++)
            if (Comparable(channels[channel]) < Comparable(channels[worst])) worst = channel;
        return worst;
    }

    // What is not a number is worse than any.
    private static double Comparable(double decibels) => double.IsNaN(decibels) ? double.NegativeInfinity : decibels;

    private static int HeightOf(double decibels, double top) => (int)Math.Round(Height * Math.Clamp(decibels / top, 0, 1));

    private static string Outline(int[] bars)
    {
        var path = new StringBuilder(FormattableString.Invariant($"M0 {Height}"));
        foreach (var bar in bars) path.Append(CultureInfo.InvariantCulture, $"V{Height - bar}h4");
        return path.Append(CultureInfo.InvariantCulture, $"V{Height}z").ToString();
    }
}
