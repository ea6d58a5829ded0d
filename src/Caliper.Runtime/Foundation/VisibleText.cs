using System.Text;

namespace Caliper;

/// <summary>Text that holds names from files, for a terminal or one line: what would end the line, move the cursor or turn the direction
/// of reading is shown as its code.</summary>
internal static class VisibleText
{
    /// <summary>The text with every such character as <c>\u001b</c>; line breaks too.</summary>
    public static string Of(string text) => Of(text, keepsLines: false);

    /// <summary>The same of text that is several lines on purpose.</summary>
    public static string OfLines(string text) => Of(text, keepsLines: true);

    private static string Of(string text, bool keepsLines)
    {
        if (!text.AsSpan().ContainsAnyInRange('\0', '\u001f') && !text.Any(c => IsHidden(c, keepsLines))) return text;
        var visible = new StringBuilder(text.Length + 16);
        foreach (var c in text)
        {
            if (IsHidden(c, keepsLines)) visible.Append($"\\u{(int)c:x4}");
            else visible.Append(c);
        }
        return visible.ToString();
    }

    // U+202A to U+202E and U+2066 to U+2069 show what follows in another order; U+2028 and U+2029 are line breaks to some.
    private static bool IsHidden(char c, bool keepsLines) =>
        c is '\n' or '\r' ? !keepsLines : char.IsControl(c) || c is >= '\u2028' and <= '\u202e' or >= '\u2066' and <= '\u2069';
}
