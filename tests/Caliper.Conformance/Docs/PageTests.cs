using System.Globalization;
using System.Runtime.CompilerServices;

namespace Caliper.Conformance.Docs;

/// <summary>
/// A page whose C# blocks are compiled and run: they are the regions of the test class, in order, to the letter.
/// <c>Console</c> is a member here, so that what a block writes can be read.
/// </summary>
public abstract class PageTests : IDisposable
{
    private readonly string _page;
    private readonly string _source;
    private readonly CultureInfo _culture = CultureInfo.CurrentCulture;

    /// <param name="page">The page's path in the checkout.</param>
    /// <param name="source">The file of the test class.</param>
    private protected PageTests(string page, [CallerFilePath] string source = "")
    {
        (_page, _source) = (page, "tests/Caliper.Conformance/Docs/" + Path.GetFileName(source));
        // A page shows numbers as its readers' programs print them in the invariant culture.
        CultureInfo.CurrentCulture = CultureInfo.InvariantCulture;
    }

    /// <summary>What the blocks write to.</summary>
    private protected StringWriter Console { get; } = new() { NewLine = "\n" };

    [Fact]
    public void Every_block_of_the_page_is_code_that_runs_here()
    {
        var blocks = MarkdownPage.BlocksOf(_page).Where(b => b.Language == "csharp").Select(b => string.Join('\n', b.Lines)).ToArray();
        var regions = MarkdownPage.RegionsOf(_source).Select(r => string.Join('\n', r)).ToArray();
        Assert.NotEmpty(blocks);
        Assert.Equal(regions, blocks);
    }

    public void Dispose()
    {
        CultureInfo.CurrentCulture = _culture;
        Console.Dispose();
        GC.SuppressFinalize(this);
    }

    /// <summary>Asserts that what was written is what the page shows under a C# block.</summary>
    /// <param name="block">The C# block's number on the page, from 1.</param>
    /// <param name="tolerance">Relative tolerance of numbers that come from float32 sums.</param>
    private protected void AssertPrinted(int block, double tolerance = 0) =>
        PrintedText.AssertSame(MarkdownPage.PrintedBy(_page, block), Console.ToString(), tolerance);
}
