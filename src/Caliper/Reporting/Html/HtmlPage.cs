using System.Globalization;
using System.Net;
using System.Runtime.CompilerServices;
using System.Text;

namespace Caliper.Reporting.Html;

/// <summary>An HTML page that is being written. What stands in the holes of an interpolated text is escaped and written in the
/// invariant culture, so that no caller can forget either; names come from model files, which may be hostile.</summary>
internal sealed class HtmlPage
{
    private readonly StringBuilder _text = new();
    private readonly HashSet<Term> _mentioned = [];

    /// <summary>Whether a term was linked to, so that the glossary has to explain it.</summary>
    public bool Mentions(Term term) => _mentioned.Contains(term);

    /// <summary>Writes markup: literal text as it stands, holes escaped.</summary>
    public void Add([InterpolatedStringHandlerArgument("")] ref Markup markup) => _ = markup;

    /// <summary>Writes text of our own that needs no escaping: a style sheet, a script, a path of numbers.</summary>
    public void AddTrusted(string text) => _text.Append(text);

    /// <summary>The page. Lines end in LF alone, however the sources were checked out.</summary>
    public override string ToString() => _text.Replace("\r\n", "\n").ToString();

    /// <summary>Takes the pieces of an interpolated text.</summary>
    [InterpolatedStringHandler]
    public readonly ref struct Markup
    {
        private readonly StringBuilder _text;
        private readonly HashSet<Term> _mentioned;

        public Markup(int literalLength, int formattedCount, HtmlPage page)
        {
            (_text, _mentioned) = (page._text, page._mentioned);
            _text.EnsureCapacity(_text.Length + literalLength + (8 * formattedCount));
        }

        public void AppendLiteral(string text) => _text.Append(text);

        public void AppendFormatted<T>(T value, string? format = null) => _text.Append(WebUtility.HtmlEncode(
            value is IFormattable number ? number.ToString(format, CultureInfo.InvariantCulture) : value?.ToString()));

        /// <summary>A text; with <c>:name</c> it is a path of names, and lines break after its dots and slashes first.</summary>
        public void AppendFormatted(string? text, string? format = null)
        {
            var escaped = WebUtility.HtmlEncode(text) ?? "";
            // Never after a first slash, which would stay alone on its line.
            _text.Append(format == "name" && escaped.Length > 0 ? escaped[0] + escaped[1..].Replace(".", ".<wbr>").Replace("/", "/<wbr>") : escaped);
        }

        /// <summary>A term is written as a link to the glossary; what follows its colon is the link's text, a question mark for <c>?</c>.</summary>
        public void AppendFormatted(Term term, string? format = null)
        {
            _mentioned.Add(term);
            AppendLiteral(format == "?" ? "<a class=\"help\" aria-label=\"What is " : "<a class=\"term");
            if (format == "?")
            {
                AppendFormatted(term.Name);
                AppendLiteral("?");
            }
            AppendLiteral("\" href=\"#");
            AppendFormatted(term.Anchor);
            AppendLiteral("\" title=\"");
            AppendFormatted(term.Short);
            AppendLiteral("\">");
            AppendFormatted(format ?? term.Name);
            AppendLiteral("</a>");
        }

        /// <summary>A layer is written as a link to its part of the page.</summary>
        public void AppendFormatted(ReportLayer layer)
        {
            AppendLiteral("<a class=\"name\" href=\"#");
            AppendFormatted(layer.Anchor);
            AppendLiteral("\">");
            AppendFormatted(layer.Name, "name");
            AppendLiteral("</a>");
        }
    }
}
