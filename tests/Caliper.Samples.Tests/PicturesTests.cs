using System.Diagnostics;
using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Caliper.Samples.Tests;

/// <summary>The pictures of docs/ are what samples/Pictures draws. Bytes are not compared: float sums differ a little from CPU to CPU.</summary>
public sealed partial class PicturesTests : IDisposable
{
    private static readonly string Repository = Root();
    private static readonly string Committed = Path.Combine(Repository, "docs", "pictures");

    private readonly DirectoryInfo _folder = Directory.CreateTempSubdirectory("caliper-pictures-");

    public void Dispose() => _folder.Delete(recursive: true);

    [Fact]
    public void The_program_draws_exactly_the_committed_pictures_and_they_say_the_same()
    {
        Draw(_folder.FullName);
        Assert.Equal(NamesIn(Committed), NamesIn(_folder.FullName));
        foreach (var name in NamesIn(Committed))
        {
            var (committed, drawn) = (Texts(Path.Combine(Committed, name)), Texts(Path.Combine(_folder.FullName, name)));
            Assert.True(committed.SequenceEqual(drawn),
                $"docs/pictures/{name} is not what is drawn now. Run: dotnet run -c Release --project samples/Pictures docs/pictures");
        }
    }

    [Fact]
    public void Every_picture_that_a_page_shows_exists_and_every_picture_is_shown()
    {
        var shown = Directory.GetFiles(Path.Combine(Repository, "docs"), "*.md").Append(Path.Combine(Repository, "README.md"))
            .SelectMany(page => Picture().Matches(File.ReadAllText(page)).Select(m => Path.GetFileName(m.Groups[2].Value)))
            .Distinct().Order(StringComparer.Ordinal);
        Assert.Equal(NamesIn(Committed), shown);
    }

    [Fact]
    public void Every_picture_on_a_page_says_in_words_what_it_shows()
    {
        foreach (var page in Directory.GetFiles(Path.Combine(Repository, "docs"), "*.md"))
            Assert.All(Picture().Matches(File.ReadAllText(page)), m => Assert.True(m.Groups[1].Value.Length > 20, m.Value));
    }

    [Fact]
    public void Pictures_are_whole_refer_to_nothing_outside_and_have_colours_for_dark_pages()
    {
        foreach (var path in NamesIn(Committed).Select(name => Path.Combine(Committed, name)))
        {
            var svg = XDocument.Load(path).Root!;
            XNamespace ns = "http://www.w3.org/2000/svg";
            Assert.Equal(ns + "svg", svg.Name);
            Assert.All(new[] { "title", "desc" }, name => Assert.NotEmpty(svg.Element(ns + name)!.Value));
            Assert.Contains("prefers-color-scheme:dark", svg.Element(ns + "style")!.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("url(", svg.Element(ns + "style")!.Value, StringComparison.Ordinal);
            Assert.DoesNotContain("@import", svg.Element(ns + "style")!.Value, StringComparison.Ordinal);
            Assert.All(svg.DescendantsAndSelf(),
                e => Assert.DoesNotContain(e.Name.LocalName, new[] { "script", "image", "use", "a", "foreignObject" }));
            Assert.All(svg.DescendantsAndSelf().Attributes(),
                a => Assert.True(a.IsNamespaceDeclaration || a.Name.LocalName is not ("href" or "src"), a.ToString()));
            Assert.DoesNotContain("NaN", File.ReadAllText(path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void Every_text_lies_inside_of_its_picture()
    {
        foreach (var path in NamesIn(Committed).Select(name => Path.Combine(Committed, name)))
        {
            var svg = XDocument.Load(path).Root!;
            double[] box = [.. ((string)svg.Attribute("viewBox")!).Split(' ')
                .Select(n => double.Parse(n, System.Globalization.CultureInfo.InvariantCulture))];
            foreach (var text in svg.Elements().Where(e => e.Name.LocalName == "text"))
            {
                double At(string name) => (double)text.Attribute(name)!;
                Assert.InRange(At("x"), 10, box[2] - 10);
                Assert.InRange(At("y"), 10, box[3] - 6);
            }
        }
    }

    private static string[] NamesIn(string folder) => [.. Directory.GetFiles(folder).Select(f => Path.GetFileName(f)).Order(StringComparer.Ordinal)];

    /// <summary>The words of a picture; its numbers are left out.</summary>
    private static IEnumerable<string> Texts(string path) => XDocument.Load(path).Root!.Elements().Where(e => e.Name.LocalName == "text")
        .Select(e => Number().Replace(e.Value, "#")).Where(text => text.Any(char.IsLetter));

    private static void Draw(string folder)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "Pictures.dll"), folder])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync(TestContext.Current.CancellationToken);
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.Equal("", errors.Result);
        Assert.Equal(0, process.ExitCode);
    }

    private static string Root()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (folder is not null && !File.Exists(Path.Combine(folder.FullName, "Caliper.slnx"))) folder = folder.Parent;
        return folder?.FullName ?? throw new DirectoryNotFoundException("The tests do not run inside the repository.");
    }

    [GeneratedRegex(@"!\[([^\]]*)\]\(([^)]*\.svg)\)", RegexOptions.CultureInvariant)]
    private static partial Regex Picture();

    [GeneratedRegex(@"−?\d[\d,.]*(E−?\d+)?", RegexOptions.CultureInvariant)]
    private static partial Regex Number();
}
