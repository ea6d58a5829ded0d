using Caliper.Ranges;

namespace Caliper.Reporting.Html;

/// <summary>What every range method would have chosen for a tensor, side by side, with the predicted error of each.</summary>
internal static class AlternativesTable
{
    public static void Write(HtmlPage page, CalibratedTensor tensor)
    {
        page.Add($"<div class=\"choices\"><p class=\"caption\">{Glossary.RangeMethod:Range methods} ");
        page.Add($"and what each is {Glossary.Predicted:predicted} to give on ");
        page.Add($"{Figures.Count(tensor.Statistics.Count)} values of {Figures.Count(tensor.Statistics.Samples)} samples</p>\n");
        page.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"Range methods for {tensor.Name}\" tabindex=\"0\">");
        page.Add($"<table><thead><tr><th scope=\"col\">Method</th>");
        page.Add($"<th scope=\"col\">Range</th><th scope=\"col\">Scale</th><th scope=\"col\">dB</th>");
        page.Add($"<th scope=\"col\">Clipped</th></tr></thead><tbody>\n");
        var best = tensor.Best.Error.SqnrDecibels;
        foreach (var choice in tensor.Choices) WriteRow(page, choice, best);
        page.Add($"</tbody></table></div></div>\n");
    }

    private static void WriteRow(HtmlPage page, RangeChoice choice, double best)
    {
        var error = choice.Error;
        page.Add($"<tr{(choice.IsUsed ? " class=used" : "")}><th scope=\"row\">");
        if (choice.Method is { } method) WriteName(page, method, choice.Label);
        else page.Add($"{choice.Label}");
        if (choice is { IsUsed: true, Method: not null }) page.Add($" <span class=\"tag\">in use</span>");
        page.Add($"</th><td>{ParameterText.Range(choice.Parameters)}</td><td>{ParameterText.Scale(choice.Parameters)}</td>");
        page.Add($"<td{(error.SqnrDecibels >= best ? " class=best" : "")}>{Decibels(error)}</td>");
        page.Add($"<td>{Figures.Percent(error.ClippedShare)}</td></tr>\n");
    }

    private static void WriteName(HtmlPage page, RangeMethod method, string label)
    {
        var term = MethodTerms.Of(method);
        page.Add($"{term}{label[term.Name.Length..]}");
    }

    // All methods lie close together where they are good: a hundredth tells them apart.
    private static string Decibels(QuantizationError error) =>
        double.IsFinite(error.SqnrDecibels)
            ? error.SqnrDecibels.ToString("F2", System.Globalization.CultureInfo.InvariantCulture)
            : Figures.Decibels(error.SqnrDecibels);
}
