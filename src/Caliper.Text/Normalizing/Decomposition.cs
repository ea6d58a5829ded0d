using System.Collections.Frozen;
using System.Globalization;
using System.Text;

namespace Caliper.Text.Normalizing;

/// <summary>
/// What is left of a character without its accents: Unicode's canonical decomposition (version 14), nonspacing marks left out. A table of our own,
/// because .NET knows no decomposition where a process runs without ICU (<c>InvariantGlobalization</c>), and says nothing about it.
/// </summary>
internal static class Decomposition
{
    private const string Resource = "decompositions.txt";
    private const int FirstSyllable = 0xAC00, LastSyllable = 0xD7A3, Vowels = 21, Finals = 28;

    private static readonly FrozenDictionary<int, string> Table = Read();

    /// <summary>Appends a character without its accents: nothing where it is one.</summary>
    public static void AppendBase(StringBuilder target, Rune rune)
    {
        if (rune.IsAscii) target.Append((char)rune.Value);
        else if (Table.TryGetValue(rune.Value, out var parts)) target.Append(parts);
        else if (rune.Value is >= FirstSyllable and <= LastSyllable) AppendJamo(target, rune.Value - FirstSyllable);
        else if (Rune.GetUnicodeCategory(rune) != UnicodeCategory.NonSpacingMark) target.Append(rune);
    }

    /// <summary>A Korean syllable is composed by arithmetic (Unicode, chapter 3.12): initial consonant, vowel, and mostly a final one.</summary>
    private static void AppendJamo(StringBuilder target, int syllable)
    {
        target.Append((char)(0x1100 + syllable / (Vowels * Finals))).Append((char)(0x1161 + syllable / Finals % Vowels));
        if (syllable % Finals > 0) target.Append((char)(0x11A7 + syllable % Finals));
    }

    /// <summary>Lines such as <c>C9=45</c>, in hexadecimal; the file says where they come from.</summary>
    private static FrozenDictionary<int, string> Read()
    {
        using var reader = new StreamReader(typeof(Decomposition).Assembly.GetManifestResourceStream(Resource)!);
        var table = new Dictionary<int, string>();
        while (reader.ReadLine() is { } line)
        {
            if (line.StartsWith('#')) continue;
            var sides = line.Split('=');
            var parts = sides[1].Split('+', StringSplitOptions.RemoveEmptyEntries);
            table[CodeOf(sides[0])] = string.Concat(parts.Select(code => char.ConvertFromUtf32(CodeOf(code))));
        }
        return table.ToFrozenDictionary();
    }

    private static int CodeOf(string digits) => int.Parse(digits, NumberStyles.HexNumber, CultureInfo.InvariantCulture);
}
