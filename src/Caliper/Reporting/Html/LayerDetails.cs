using Caliper.Analysis;

namespace Caliper.Reporting;

/// <summary>What is known of each layer, folded away until it is asked for.</summary>
internal static class LayerDetails
{
    public static void Write(HtmlPage page, IReadOnlyList<ReportLayer> layers)
    {
        page.Add($"<section aria-labelledby=\"details\"><h2 id=\"details\">Details</h2>\n");
        page.Add($"<p class=\"tools\" hidden><button type=\"button\" id=\"unfold\">Open all</button> <button type=\"button\" id=\"fold\">Close all</button></p>\n");
        foreach (var layer in layers)
        {
            var decibels = layer.Tensor?.AccumulatedDecibels ?? layer.Weights?.Decibels;
            page.Add($"<details class=\"layer\"><summary><span class=\"name\">{layer.Name:name}</span> ");
            page.Add($"<span class=\"chip {SqnrColour.Of(decibels)}\">{Figures.DecibelsWithUnit(decibels)}</span></summary>\n");
            // The anchor is inside: browsers then unfold the details by themselves when a link leads here.
            page.Add($"<div class=\"body\" id=\"{layer.Anchor}\">\n");
            if (layer.Tensor is { } tensor) WriteTensor(page, tensor);
            if (layer.Weights is { } weights) WeightsFigure.Write(page, weights);
            page.Add($"</div></details>\n");
        }
        page.Add($"</section>\n");
    }

    private static void WriteTensor(HtmlPage page, TensorError tensor)
    {
        var parameters = tensor.Parameters;
        page.Add($"<dl class=\"numbers\">\n<div class=\"wide\"><dt>Value</dt><dd class=\"name\">{tensor.Value:name}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Scale}</dt><dd>{ParameterText.Scale(parameters)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.ZeroPoint}</dt><dd>{ParameterText.ZeroPoint(parameters)}</dd></div>\n");
        page.Add($"<div><dt>Integers</dt><dd>{parameters.Type}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Range}</dt><dd>{ParameterText.Range(parameters)}</dd></div>\n");
        page.Add($"<div><dt>Observed</dt><dd>{Figures.Real(tensor.Min)} to {Figures.Real(tensor.Max)}</dd></div>\n");
        page.Add($"<div><dt>Rounding alone</dt><dd>{Figures.DecibelsWithUnit(tensor.RoundingDecibels)}</dd></div>\n");
        page.Add($"<div><dt>Of it, clipping</dt><dd>{Figures.Percent(tensor.ClippingNoise)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Local}</dt><dd>{Figures.DecibelsWithUnit(tensor.LocalDecibels)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Accumulated}</dt><dd>{Figures.DecibelsWithUnit(tensor.AccumulatedDecibels)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Cosine}</dt><dd>{tensor.Cosine:F6}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.MaxError}</dt><dd>{Figures.Real(tensor.MaxError)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Clipping}</dt><dd>{Figures.Percent(tensor.ClippedShare)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.LevelsUsed}</dt><dd>{(tensor.Levels.IsEmpty ? Figures.None : Figures.Percent(tensor.LevelsUsed))}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.OutputAlone}</dt><dd>{Figures.DecibelsWithUnit(tensor.OutputDecibels)}</dd></div>\n</dl>\n");
        HistogramFigure.Write(page, tensor);
    }
}
