namespace Caliper.Tool.Consoles;

/// <summary>Fits text to a width.</summary>
internal static class Prose
{
    /// <summary>Lines longer than this tire the eye, however wide the terminal.</summary>
    public const int WidestParagraph = 80;

    /// <summary>Fills lines with the words of each paragraph; a blank line separates paragraphs.</summary>
    public static string Wrap(string text, int width)
    {
        width = Math.Min(width, WidestParagraph);
        return string.Join("\n\n", text.ReplaceLineEndings("\n").Split("\n\n").Select(p => WrapParagraph(p, width)));
    }

    /// <summary>Breaks only lines that do not fit, and indents what comes after: for text whose lines mean something.</summary>
    public static string Hang(string text, int width) => string.Join('\n',
        text.ReplaceLineEndings("\n").Split('\n').Select(line => line.Length <= width ? line : HangLine(line, width)));

    private static string HangLine(string line, int width)
    {
        var indent = line.Length - line.AsSpan().TrimStart().Length;
        var margin = new string(' ', indent + 4);
        var lines = new List<string> { new(' ', Math.Max(0, indent - 1)) };
        foreach (var word in line.Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            var fits = lines[^1].Length + 1 + word.Length <= width;
            if (fits) lines[^1] += (indent == 0 && lines[^1].Length == 0 ? "" : " ") + word;
            else lines.Add(margin + word);
        }
        return string.Join('\n', lines);
    }

    private static string WrapParagraph(string paragraph, int width)
    {
        var lines = new List<string> { "" };
        foreach (var word in paragraph.Split([' ', '\n'], StringSplitOptions.RemoveEmptyEntries))
        {
            if (lines[^1].Length == 0) lines[^1] = word;
            else if (lines[^1].Length + 1 + word.Length <= width) lines[^1] += " " + word;
            else lines.Add(word);
        }
        return string.Join('\n', lines);
    }
}
