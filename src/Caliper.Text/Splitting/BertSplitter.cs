using System.Text;

namespace Caliper.Text.Splitting;

/// <summary>Cuts at white space, and makes a word of each punctuation mark, as <c>BertPreTokenizer</c> does.</summary>
internal sealed class BertSplitter : IWordSplitter
{
    /// <summary>The one there is.</summary>
    public static BertSplitter Instance { get; } = new();

    /// <inheritdoc/>
    public IEnumerable<string> Split(string text)
    {
        var start = 0;
        for (var at = 0; at < text.Length;)
        {
            // Half a character, which no file can hold, is a letter like others.
            if (!Rune.TryGetRuneAt(text, at, out var rune)) rune = Rune.ReplacementChar;
            var next = at + (char.IsSurrogatePair(text, at) ? 2 : 1);
            var (isSpace, isMark) = (Rune.IsWhiteSpace(rune), IsPunctuation(rune));
            if (isSpace || isMark)
            {
                if (at > start) yield return text[start..at];
                if (isMark) yield return text[at..next];
                start = next;
            }
            at = next;
        }
        if (text.Length > start) yield return text[start..];
    }

    /// <summary>Everything in ASCII that is neither letter nor digit counts, also <c>$ + = ^ ` | ~</c>, which Unicode calls symbols.</summary>
    private static bool IsPunctuation(Rune rune) =>
        rune.Value is > 32 and < 127 ? !Rune.IsLetterOrDigit(rune) : Rune.IsPunctuation(rune);
}
