using Caliper.Analysis;

namespace Caliper.Reporting.Html;

/// <summary>The table of all layers. The script sorts it by the <c>data-key</c> of its cells.</summary>
internal static class LayerTable
{
    /// <summary>What was measured.</summary>
    public static readonly Column[] Measured =
    [
        OfTensor("Scale", Glossary.Scale, t => ParameterText.Scale(t.Parameters), t => t.Parameters.Scales.Max()),
        OfTensor("Zero point", Glossary.ZeroPoint, t => ParameterText.ZeroPoint(t.Parameters),
            t => t.Parameters.ZeroPoints is [var only] ? only : null),
        OfTensor("Range", Glossary.Range, t => ParameterText.Range(t.Parameters), t => ParameterText.Width(t.Parameters)),
        OfTensor("Local dB", Glossary.Local, t => Figures.Decibels(t.LocalDecibels), t => t.LocalDecibels),
        OfTensor("As deployed dB", Glossary.Accumulated, t => Figures.Decibels(t.AccumulatedDecibels), t => t.AccumulatedDecibels),
        OfTensor("Cosine", Glossary.Cosine, t => FormattableString.Invariant($"{t.Cosine:F5}"), t => t.Cosine),
        OfTensor("Max error", Glossary.MaxError, t => Figures.Real(t.MaxError), t => t.MaxError),
        OfTensor("Clipped", Glossary.Clipping, t => Figures.Percent(t.ClippedShare), t => t.ClippedShare),
        OfTensor("Levels used", Glossary.LevelsUsed, t => t.Levels.IsEmpty ? Figures.None : Figures.Percent(t.LevelsUsed),
            t => t.Levels.IsEmpty ? null : t.LevelsUsed),
        OfTensor("Output dB alone", Glossary.OutputAlone, t => Figures.Decibels(t.OutputDecibels), t => t.OutputDecibels),
    ];

    /// <summary>What is predicted from calibration alone.</summary>
    public static readonly Column[] Predicted =
    [
        OfCalibration("Scale", Glossary.Scale, t => ParameterText.Scale(t.Used), t => t.Used.Scale),
        OfCalibration("Zero point", Glossary.ZeroPoint, t => ParameterText.ZeroPoint(t.Used), t => t.Used.ZeroPoint),
        OfCalibration("Range", Glossary.Range, t => ParameterText.Range(t.Used), t => ParameterText.Width(t.Used)),
        OfCalibration("Predicted dB", Glossary.Predicted, t => Figures.Decibels(t.Error.SqnrDecibels), t => t.Error.SqnrDecibels),
        OfCalibration("Clipped", Glossary.Clipping, t => Figures.Percent(t.Error.ClippedShare), t => t.Error.ClippedShare),
        OfCalibration("Levels used", Glossary.LevelsUsed, t => Figures.Percent(t.Error.LevelsUsed), t => t.Error.LevelsUsed),
        OfCalibration("Best method", Glossary.RangeMethod, t => $"{t.Best.Label}, {Figures.Decibels(t.Best.Error.SqnrDecibels)}",
            t => t.Best.Error.SqnrDecibels),
    ];

    public static void Write(HtmlPage page, IReadOnlyList<ReportLayer> layers, Column[] columns)
    {
        page.Add($"<section aria-labelledby=\"table\"><h2 id=\"table\">Layers</h2>\n");
        // The script takes the hidden away: without it the field would do nothing.
        page.Add($"<p class=\"tools\" hidden><label for=\"filter\">Filter by name</label> ");
        page.Add($"<input id=\"filter\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"> ");
        page.Add($"<output id=\"shown\" for=\"filter\" class=\"muted\"></output></p>\n");
        page.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"Table of all layers\" tabindex=\"0\"><table id=\"layers\"><thead><tr>");
        page.Add($"<th scope=\"col\" aria-sort=\"ascending\"><button type=\"button\" title=\"Execution order\">#</button></th>");
        page.Add($"<th scope=\"col\" aria-sort=\"none\"><button type=\"button\">Layer</button></th>\n");
        foreach (var column in columns)
        {
            page.Add($"<th scope=\"col\" aria-sort=\"none\"><button type=\"button\" title=\"{column.Term.Short}\">{column.Name}</button>");
            page.Add($"{column.Term:?}</th>\n");
        }
        page.Add($"</tr></thead><tbody>\n");
        foreach (var layer in layers) WriteRow(page, layer, columns);
        page.Add($"</tbody></table></div></section>\n");
    }

    private static void WriteRow(HtmlPage page, ReportLayer layer, Column[] columns)
    {
        page.Add($"<tr><td data-key=\"{layer.Index}\">{layer.Index + 1}</td><th scope=\"row\">{layer}</th>");
        foreach (var column in columns)
            page.Add($"<td data-key=\"{Figures.Key(column.Key(layer))}\">{column.Text(layer)}</td>");
        page.Add($"</tr>\n");
    }

    private static Column OfTensor(string name, Term term, Func<TensorError, string> text, Func<TensorError, double?> key) =>
        new(name, term, l => l.Tensor is { } tensor ? text(tensor) : Figures.None, l => l.Tensor is { } tensor ? key(tensor) : null);

    private static Column OfCalibration(string name, Term term, Func<CalibratedTensor, string> text, Func<CalibratedTensor, double?> key) =>
        new(name, term, l => l.Calibrated is { } tensor ? text(tensor) : Figures.None, l => l.Calibrated is { } tensor ? key(tensor) : null);

    /// <summary>A column: its heading, what that means, and the text and the number of a layer.</summary>
    internal sealed record Column(string Name, Term Term, Func<ReportLayer, string> Text, Func<ReportLayer, double?> Key);
}
