using System.Text.RegularExpressions;
using System.Xml.Linq;

namespace Caliper.Conformance.House;

/// <summary>The plan of the house, held against its files.</summary>
public partial class HouseRulesTests
{
    private static readonly string Root = FindRoot();

    /// <summary>What each project may refer to: Tool → {Torch, Imaging, Text} → Caliper → Runtime and Hosting → Runtime, never back.</summary>
    private static readonly Dictionary<string, string[]> Allowed = new()
    {
        ["Caliper.Runtime"] = [],
        ["Caliper.Hosting"] = ["Caliper.Runtime"],
        ["Caliper"] = ["Caliper.Runtime"],
        ["Caliper.Torch"] = ["Caliper"],
        ["Caliper.Imaging"] = ["Caliper"],
        ["Caliper.Text"] = ["Caliper"],
        ["Caliper.Tool"] = ["Caliper", "Caliper.Torch", "Caliper.Imaging", "Caliper.Text"],
    };

    [Fact]
    public void References_go_one_way_only()
    {
        var projects = Directory.GetFiles(Path.Combine(Root, "src"), "*.csproj", SearchOption.AllDirectories);
        Assert.Equal(Allowed.Keys.Order(), projects.Select(p => Path.GetFileNameWithoutExtension(p)!).Order());
        foreach (var project in projects)
        {
            var references = XDocument.Load(project).Descendants("ProjectReference")
                .Select(r => Path.GetFileNameWithoutExtension(((string)r.Attribute("Include")!).Replace('\\', '/')));
            Assert.Empty(references.Except(Allowed[Path.GetFileNameWithoutExtension(project)]));
        }
    }

    [Fact]
    public void Only_Execution_knows_ONNX_Runtime() => Assert.All(
        Sources("src").Where(f => File.ReadAllText(f).Contains("Microsoft.ML.OnnxRuntime", StringComparison.Ordinal)),
        f => Assert.Equal("Execution", Path.GetFileName(Path.GetDirectoryName(f))));

    [Fact]
    public void What_a_deployed_app_references_has_no_native_library()
    {
        var packages = XDocument.Load(Path.Combine(Root, "src", "Caliper.Runtime", "Caliper.Runtime.csproj"))
            .Descendants("PackageReference").Where(r => (string?)r.Attribute("PrivateAssets") != "all").Select(r => (string)r.Attribute("Include")!);
        // Iced is managed too: it only writes bytes.
        Assert.Equal(["Google.Protobuf", "Iced"], packages);
    }

    [Fact]
    public void What_a_server_references_beside_it_are_abstractions() => Assert.All(
        XDocument.Load(Path.Combine(Root, "src", "Caliper.Hosting", "Caliper.Hosting.csproj")).Descendants("PackageReference"),
        r => Assert.Matches("^Microsoft[.]Extensions[.].*[.]Abstractions$", (string)r.Attribute("Include")!));

    [Fact]
    public void Libraries_touch_no_console_and_no_clock()
    {
        string[] forbidden = ["Console.Write", "Console.Error", "Stopwatch", "DateTime.Now", "DateTime.UtcNow", "Environment.GetEnvironmentVariable"];
        foreach (var file in Sources("src").Where(f => !f.Contains("Caliper.Tool", StringComparison.Ordinal)))
        {
            // Documentation may show a user's own Console.WriteLine.
            var code = File.ReadLines(file).Where(line => !line.TrimStart().StartsWith("///", StringComparison.Ordinal));
            Assert.DoesNotContain(code, line => forbidden.Any(word => line.Contains(word, StringComparison.Ordinal)));
        }
    }

    /// <summary>What a sum of products is, the catalogue says. Others have a table of what they do for it, or write such a node.</summary>
    [Fact]
    public void Sums_of_products_are_named_in_the_catalogue_in_tables_and_where_nodes_are_written() => Assert.Equal(
        ["Attentions", "BatchNormFolding", "EinsumImport", "FloatOperators", "FourierImport", "LinearRecognition", "LinearWeights", "LoweredImport",
            "MatrixRules", "OperatorCatalogue", "OperatorTable", "Products", "StandardAttention", "VolumeImport", "VolumeTransposedImport",
            "WindowRules"],
        Sources("src").Where(f => !f.Contains("Caliper.Torch", StringComparison.Ordinal)).Where(f => File.ReadLines(f).Any(line =>
                !line.TrimStart().StartsWith("///", StringComparison.Ordinal) && ProductName().IsMatch(line)))
            .Select(f => Path.GetFileNameWithoutExtension(f)).Order(StringComparer.Ordinal));

    [Fact]
    public void One_thing_has_one_name() => Assert.Empty(Sources("src", "samples", "bench").SelectMany(f => File.ReadLines(f).Index()
        .Where(l => FormerName().IsMatch(l.Item)).Select(l => $"{Path.GetRelativePath(Root, f)}:{l.Index + 1}")));

    [Fact]
    public void A_file_has_one_idea_and_at_most_300_lines() =>
        Assert.All(Sources("src", "tests", "samples", "bench"), f => Assert.InRange(File.ReadLines(f).Count(), 1, 300));

    [Fact]
    public void A_line_has_at_most_150_columns() => Assert.Empty(Sources("src", "tests", "samples", "bench")
        .SelectMany(f => File.ReadLines(f).Index().Where(l => l.Item.Length > 150).Select(l => $"{Path.GetRelativePath(Root, f)}:{l.Index + 1}")));

    [Fact]
    public void A_number_is_written_the_same_on_every_machine() => Assert.Empty(Sources("src").SelectMany(f => NumberWords.Unspoken(f)
        .Select(line => $"{Path.GetRelativePath(Root, f)}:{line}")));

    [Fact]
    public void A_method_has_at_most_40_lines() => Assert.Empty(Sources("src", "samples", "bench").SelectMany(f => MethodLength.Of(f)
        .Where(m => m.Lines > 40).Select(m => $"{Path.GetRelativePath(Root, f)}: {m.Name} has {m.Lines}")));

    [GeneratedRegex("\"(Conv|ConvTranspose|Gemm|MatMul)\"")]
    private static partial Regex ProductName();

    /// <summary>Borders, multiply-adds, a cancellationToken, assembled code, and what else was once called otherwise.</summary>
    [GeneratedRegex("\\b(Halo|halo|Macs|CancellationToken ct|Strangers|Contestant|one a channel|worth its name|"
        + "GeneratedCode|[Gg]enerated code|KernelSet\\.Jit|Behind)\\b")]
    private static partial Regex FormerName();

    private static IEnumerable<string> Sources(params string[] folders) => folders.SelectMany(folder =>
            Directory.EnumerateFiles(Path.Combine(Root, folder), "*.cs", SearchOption.AllDirectories))
        .Where(f => !Path.GetRelativePath(Root, f).Split(Path.DirectorySeparatorChar).Any(part => part is "obj" or "bin"));

    private static string FindRoot()
    {
        var folder = new DirectoryInfo(AppContext.BaseDirectory);
        while (!File.Exists(Path.Combine(folder.FullName, "Caliper.slnx"))) folder = folder.Parent!;
        return folder.FullName;
    }
}
