using Caliper.Analysis;

namespace Caliper.Reporting;

/// <summary>The table of all layers. The script sorts it by the <c>data-key</c> of its cells.</summary>
internal static class LayerTable
{
    private static readonly Column[] _columns =
    [
        new("Scale", Glossary.Scale, t => ParameterText.Scale(t.Parameters), t => t.Parameters.Scales.Max()),
        new("Zero point", Glossary.ZeroPoint, t => ParameterText.ZeroPoint(t.Parameters), t => t.Parameters.ZeroPoints is [var only] ? only : null),
        new("Range", Glossary.Range, t => ParameterText.Range(t.Parameters), t => ParameterText.Width(t.Parameters)),
        new("Local dB", Glossary.Local, t => Figures.Decibels(t.LocalDecibels), t => t.LocalDecibels),
        new("As deployed dB", Glossary.Accumulated, t => Figures.Decibels(t.AccumulatedDecibels), t => t.AccumulatedDecibels),
        new("Cosine", Glossary.Cosine, t => FormattableString.Invariant($"{t.Cosine:F5}"), t => t.Cosine),
        new("Max error", Glossary.MaxError, t => Figures.Real(t.MaxError), t => t.MaxError),
        new("Clipped", Glossary.Clipping, t => Figures.Percent(t.ClippedShare), t => t.ClippedShare),
        new("Levels used", Glossary.LevelsUsed, t => t.Levels.IsEmpty ? Figures.None : Figures.Percent(t.LevelsUsed), t => t.Levels.IsEmpty ? null : t.LevelsUsed),
        new("Output dB alone", Glossary.OutputAlone, t => Figures.Decibels(t.OutputDecibels), t => t.OutputDecibels),
    ];

    public static void Write(HtmlPage page, IReadOnlyList<ReportLayer> layers)
    {
        page.Add($"<section aria-labelledby=\"table\"><h2 id=\"table\">Layers</h2>\n");
        // The script takes the hidden away: without it the field would do nothing.
        page.Add($"<p class=\"tools\" hidden><label for=\"filter\">Filter by name</label> ");
        page.Add($"<input id=\"filter\" type=\"search\" autocomplete=\"off\" spellcheck=\"false\"> ");
        page.Add($"<output id=\"shown\" for=\"filter\" class=\"muted\"></output></p>\n");
        page.Add($"<div class=\"scroll\" role=\"region\" aria-label=\"Table of all layers\" tabindex=\"0\"><table id=\"layers\"><thead><tr>");
        page.Add($"<th scope=\"col\" aria-sort=\"ascending\"><button type=\"button\" title=\"Execution order\">#</button></th>");
        page.Add($"<th scope=\"col\" aria-sort=\"none\"><button type=\"button\">Layer</button></th>\n");
        foreach (var column in _columns)
        {
            page.Add($"<th scope=\"col\" aria-sort=\"none\"><button type=\"button\" title=\"{column.Term.Short}\">{column.Name}</button>");
            page.Add($"<a class=\"help\" href=\"#{column.Term.Anchor}\" title=\"{column.Term.Short}\" aria-label=\"What is {column.Name}?\">?</a></th>\n");
        }
        page.Add($"</tr></thead><tbody>\n");
        foreach (var layer in layers) WriteRow(page, layer);
        page.Add($"</tbody></table></div></section>\n");
    }

    private static void WriteRow(HtmlPage page, ReportLayer layer)
    {
        page.Add($"<tr><td data-key=\"{layer.Index}\">{layer.Index + 1}</td><th scope=\"row\">{layer}</th>");
        foreach (var column in _columns)
        {
            if (layer.Tensor is not { } tensor) page.Add($"<td data-key=\"\">{Figures.None}</td>");
            else page.Add($"<td data-key=\"{Figures.Key(column.Key(tensor))}\">{column.Text(tensor)}</td>");
        }
        page.Add($"</tr>\n");
    }

    private sealed record Column(string Name, Term Term, Func<TensorError, string> Text, Func<TensorError, double?> Key);
}
