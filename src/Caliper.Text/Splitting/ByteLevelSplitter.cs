using System.Text;

namespace Caliper.Text.Splitting;

/// <summary>
/// Cuts as GPT-2 does, letters, digits and marks apart and a space before each with it, and writes every byte of UTF-8 as one visible character, so
/// that no text is unknown (<c>ByteLevel</c> of Hugging Face's tokenizers).
/// </summary>
/// <param name="addPrefixSpace">Whether a text that starts with no space is given one.</param>
internal sealed class ByteLevelSplitter(bool addPrefixSpace) : IWordSplitter
{
    private static readonly string[] Endings = ["'s", "'t", "'re", "'ve", "'m", "'ll", "'d"];

    private static readonly char[] Alphabet = MakeAlphabet();

    /// <inheritdoc/>
    public IEnumerable<string> Split(string text)
    {
        if (addPrefixSpace && text.Length > 0 && !char.IsWhiteSpace(text[0])) text = " " + text;
        for (int at = 0, end; at < text.Length; at = end)
        {
            end = EndOf(text, at);
            yield return string.Concat(Encoding.UTF8.GetBytes(text[at..end]).Select(b => Alphabet[b]));
        }
    }

    /// <summary>Where the word ends that begins here: the pattern
    /// <c>'s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+</c>, over whole characters.</summary>
    private static int EndOf(string text, int at)
    {
        foreach (var ending in Endings)
        {
            if (text.AsSpan(at).StartsWith(ending, StringComparison.Ordinal)) return at + ending.Length;
        }
        var first = text[at] == ' ' && at + 1 < text.Length ? at + 1 : at;
        if (KindAt(text, first) is var kind and not Kind.Space) return RunOf(text, first, kind);
        // White space before a word leaves it the last one.
        var end = RunOf(text, at, Kind.Space);
        return end < text.Length && end - at > 1 ? end - 1 : end;
    }

    private static int RunOf(string text, int at, Kind kind)
    {
        while (at < text.Length && KindAt(text, at) == kind) at += char.IsSurrogatePair(text, at) ? 2 : 1;
        return at;
    }

    private static Kind KindAt(string text, int at)
    {
        if (!Rune.TryGetRuneAt(text, at, out var rune)) return Kind.Mark;
        return Rune.IsWhiteSpace(rune) ? Kind.Space : Rune.IsLetter(rune) ? Kind.Letter : Rune.IsNumber(rune) ? Kind.Digit : Kind.Mark;
    }

    /// <summary>Bytes that print stand for themselves in Latin-1; the others follow from U+0100 on.</summary>
    private static char[] MakeAlphabet()
    {
        var (alphabet, next) = (new char[256], (char)0x100);
        for (var b = 0; b < alphabet.Length; b++)
            alphabet[b] = b is >= '!' and <= '~' or >= 0xA1 and <= 0xAC or >= 0xAE ? (char)b : next++;
        return alphabet;
    }

    private enum Kind
    {
        Space,
        Letter,
        Digit,
        Mark,
    }
}
