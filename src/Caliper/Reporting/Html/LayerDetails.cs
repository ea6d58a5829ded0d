using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>What is known of each layer, folded away until it is asked for.</summary>
internal static class LayerDetails
{
    public static void Write(HtmlPage page, IReadOnlyList<ReportLayer> layers)
    {
        // Tensors that share a scale share all that calibration tells of it: the first of them shows it.
        var shownBy = new Dictionary<CalibratedTensor, ReportLayer>(ReferenceEqualityComparer.Instance);
        page.Add($"<section aria-labelledby=\"details\"><h2 id=\"details\">Details</h2>\n");
        page.Add($"<p class=\"tools\" hidden><button type=\"button\" id=\"unfold\">Open all</button> ");
        page.Add($"<button type=\"button\" id=\"fold\">Close all</button></p>\n");
        foreach (var layer in layers)
        {
            var decibels = layer.Decibels ?? layer.Weights?.Decibels;
            page.Add($"<details class=\"layer\"><summary><span class=\"name\">{layer.Name:name}</span> ");
            page.Add($"<span class=\"chip {SqnrColour.Of(decibels)}\">{Figures.DecibelsWithUnit(decibels)}</span></summary>\n");
            // The anchor is inside: browsers then unfold the details by themselves when a link leads here.
            page.Add($"<div class=\"body\" id=\"{layer.Anchor}\">\n");
            if (layer.Tensor is { } tensor) WriteTensor(page, tensor);
            if (layer.Calibrated is { } calibrated)
            {
                if (!shownBy.TryAdd(calibrated, layer))
                    page.Add($"<p class=\"muted\">It shares its scale with {shownBy[calibrated]}, which shows how the range was chosen.</p>\n");
                else WriteCalibration(page, layer, calibrated);
            }
            if (layer.Weights is { } weights) WeightsFigure.Write(page, weights);
            if (layer.Headroom is { } headroom) HeadroomSection.WriteNumbers(page, headroom);
            page.Add($"</div></details>\n");
        }
        page.Add($"</section>\n");
    }

    private static void WriteCalibration(HtmlPage page, ReportLayer layer, CalibratedTensor calibrated)
    {
        if (layer.Tensor is null)
        {
            WriteObserved(page, calibrated);
            HistogramFigure.Write(page, LevelCounts.Of(calibrated));
        }
        page.Add($"<div class=\"chosen\">\n");
        AlternativesTable.Write(page, calibrated);
        PathFigure.Write(page, calibrated);
        page.Add($"</div>\n");
    }

    private static void WriteObserved(HtmlPage page, CalibratedTensor tensor)
    {
        var (statistics, parameters, error) = (tensor.Statistics, tensor.Used, tensor.Error);
        page.Add($"<dl class=\"numbers\">\n<div><dt>{Glossary.Scale}</dt><dd>{ParameterText.Scale(parameters)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.ZeroPoint}</dt><dd>{ParameterText.ZeroPoint(parameters)}</dd></div>\n");
        page.Add($"<div><dt>Integers</dt><dd>{parameters.Type}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Range}</dt><dd>{ParameterText.Range(parameters)}</dd></div>\n");
        page.Add($"<div><dt>Observed</dt><dd>{Figures.Real(statistics.Min)} to {Figures.Real(statistics.Max)}</dd></div>\n");
        page.Add($"<div><dt>Exact zeros</dt><dd>{Figures.Percent((double)statistics.Zeros / statistics.Count)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Predicted}</dt><dd>{Figures.DecibelsWithUnit(error.SqnrDecibels)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.Clipping}</dt><dd>{Figures.Percent(error.ClippedShare)}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.LevelsUsed}</dt><dd>{Figures.Percent(error.LevelsUsed)}</dd></div>\n");
        if (statistics.Greatest is [var greatest, ..] && statistics.Least is [var least, ..])
            page.Add($"<div class=\"wide\"><dt>Outermost samples</dt><dd class=\"name\">{least.Sample:name} has the least value, "
                + $"{greatest.Sample:name} the greatest</dd></div>\n");
        page.Add($"</dl>\n");
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
        var levelsUsed = tensor.Levels.IsEmpty ? Figures.None : Figures.Percent(tensor.LevelsUsed);
        page.Add($"<div><dt>{Glossary.LevelsUsed}</dt><dd>{levelsUsed}</dd></div>\n");
        page.Add($"<div><dt>{Glossary.OutputAlone}</dt><dd>{Figures.DecibelsWithUnit(tensor.OutputDecibels)}</dd></div>\n");
        if (tensor.LossChange is { } loss) page.Add($"<div><dt>{Glossary.LossAlone}</dt><dd>{Figures.Loss(loss)}</dd></div>\n");
        page.Add($"</dl>\n");
        HistogramFigure.Write(page, LevelCounts.Of(tensor));
    }
}
