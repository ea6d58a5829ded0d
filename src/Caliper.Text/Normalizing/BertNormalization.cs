using System.Globalization;
using System.Text;

namespace Caliper.Text.Normalizing;

/// <summary>The normalization of BERT and what came of it, as <c>BertNormalizer</c> of Hugging Face's tokenizers does it.</summary>
/// <param name="CleanText">Leaves control characters out, and makes a space of every white space.</param>
/// <param name="SplitIdeographs">Puts spaces around Chinese characters, so that each is a word.</param>
/// <param name="StripAccents">Takes accents off.</param>
/// <param name="LowerCase">Makes letters small.</param>
internal sealed record BertNormalization(bool CleanText, bool SplitIdeographs, bool StripAccents, bool LowerCase) : INormalization
{
    /// <inheritdoc/>
    public string Apply(string text)
    {
        var result = new StringBuilder(text.Length + 16);
        foreach (var rune in text.EnumerateRunes())
        {
            if (CleanText && (rune.Value is 0 or 0xFFFD || IsControl(rune))) continue;
            if (CleanText && Rune.IsWhiteSpace(rune)) result.Append(' ');
            else if (SplitIdeographs && IsIdeograph(rune.Value)) AppendLetter(result.Append(' '), rune).Append(' ');
            else AppendLetter(result, rune);
        }
        return result.ToString();
    }

    private StringBuilder AppendLetter(StringBuilder result, Rune rune)
    {
        var start = result.Length;
        if (StripAccents) Decomposition.AppendBase(result, rune);
        else result.Append(rune);
        if (!LowerCase) return result;
        var letters = result.ToString(start, result.Length - start);
        result.Length = start;
        foreach (var letter in letters.EnumerateRunes())
        {
            // The one letter whose small form is two characters.
            if (letter.Value == 0x130) result.Append("i\u0307");
            else result.Append(Rune.ToLowerInvariant(letter));
        }
        return result;
    }

    private static bool IsControl(Rune rune) => rune.Value is not ('\t' or '\n' or '\r') && Rune.GetUnicodeCategory(rune) is
        UnicodeCategory.Control or UnicodeCategory.Format or UnicodeCategory.Surrogate or UnicodeCategory.PrivateUse;

    /// <summary>The blocks that BERT calls Chinese: no kana, no Hangul.</summary>
    private static bool IsIdeograph(int code) => code is >= 0x4E00 and <= 0x9FFF or >= 0x3400 and <= 0x4DBF or >= 0x20000 and <= 0x2A6DF
        or >= 0x2A700 and <= 0x2B73F or >= 0x2B740 and <= 0x2B81F or >= 0x2B820 and <= 0x2CEAF or >= 0xF900 and <= 0xFAFF
        or >= 0x2F800 and <= 0x2FA1F;
}
