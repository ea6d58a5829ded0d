namespace Caliper.Conformance.Docs;

/// <summary>A code block of a page.</summary>
/// <param name="Language">What follows the fence: <c>csharp</c>, <c>text</c>, <c>sh</c>.</param>
/// <param name="Lines">What stands in it.</param>
internal sealed record CodeBlock(string Language, IReadOnlyList<string> Lines);

/// <summary>The code blocks of a markdown file, and the code that must be theirs.</summary>
internal static class MarkdownPage
{
    private const string Fence = "```";

    /// <summary>The fenced blocks of a page, in order.</summary>
    public static IReadOnlyList<CodeBlock> BlocksOf(string page)
    {
        var blocks = new List<CodeBlock>();
        List<string>? open = null;
        foreach (var line in File.ReadLines(RepositoryFolder.Path(page.Split('/'))))
        {
            if (!line.StartsWith(Fence, StringComparison.Ordinal))
            {
                open?.Add(line);
                continue;
            }
            if (open is null) blocks.Add(new CodeBlock(line[Fence.Length..].Trim(), open = []));
            else open = null;
        }
        return blocks;
    }

    /// <summary>What a page says that its C# block prints: the text block right after it.</summary>
    /// <param name="page">The page's path.</param>
    /// <param name="number">The C# block's number on the page, from 1.</param>
    public static IReadOnlyList<string> PrintedBy(string page, int number)
    {
        var blocks = BlocksOf(page);
        var index = blocks.Index().Where(b => b.Item.Language == "csharp").ElementAt(number - 1).Index;
        return blocks[index + 1] is { Language: "text" } text ? text.Lines
            : throw new InvalidOperationException($"C# block {number} of {page} is not followed by what it prints.");
    }

    /// <summary>The regions of a C# file, in order, without their common indentation.</summary>
    public static IReadOnlyList<IReadOnlyList<string>> RegionsOf(string file)
    {
        var regions = new List<IReadOnlyList<string>>();
        List<string>? open = null;
        foreach (var line in File.ReadLines(RepositoryFolder.Path(file.Split('/'))))
        {
            var directive = line.TrimStart();
            if (directive.StartsWith("#region", StringComparison.Ordinal)) open = [];
            else if (directive.StartsWith("#endregion", StringComparison.Ordinal)) { regions.Add(Unindented(open!)); open = null; }
            else open?.Add(line);
        }
        return regions;
    }

    private static string[] Unindented(List<string> lines)
    {
        var indentation = lines.Where(l => l.Length > 0).Min(l => l.Length - l.TrimStart().Length);
        return [.. lines.Select(l => l.Length == 0 ? l : l[indentation..])];
    }
}
