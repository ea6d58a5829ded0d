using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using OwnObserver;

namespace Caliper.Conformance.Docs;

/// <summary>docs/3-observers.md.</summary>
public sealed class ObserversPageTests() : PageTests("docs/3-observers.md")
{
    private const string Page = "docs/3-observers.md";

    [Fact]
    public void A_spec_makes_an_observer_that_takes_notes()
    {
        #region
        var spec = ObserverSpec.MinMax with { DType = ElementType.Int8, Scheme = QuantizationScheme.PerTensorSymmetric };
        var observer = spec.Create();
        observer.Observe(Tensor.Vector([-0.5f, 0.25f]));
        observer.Observe(Tensor.Vector([1.0f, float.NaN]));
        Console.WriteLine(observer);
        Console.WriteLine($"{observer.BatchCount} batches, {observer.NaNCount} NaN skipped");
        Console.WriteLine(observer.CalculateQParams());
        Console.WriteLine(spec.ToJson());
        #endregion
        AssertPrinted(block: 1);
    }

    [Fact]
    public void Observers_and_range_methods_of_users_are_found_by_name()
    {
        #region
        ObserverSpec.Register(new MeanMinMaxSpec());
        RangeMethod.Register(new SigmaRange());
        var scheme = new QConfig(new MeanMinMaxSpec { ReduceRange = true }, QConfig.Default.Weight);
        Console.WriteLine(ObserverSpec.FromJson(scheme.Activation.ToJson()));
        Console.WriteLine(RangeMethod.Parse("sigma(2.5)"));
        #endregion
        AssertPrinted(block: 2);
    }

    [Fact]
    public void The_files_of_the_page_are_those_of_the_sample()
    {
        var blocks = MarkdownPage.BlocksOf(Page).Where(b => b.Language == "cs").Select(b => b.Lines);
        string[] files = ["MeanMinMaxObserver.cs", "SigmaRange.cs"];
        Assert.Equal(files.Select(f => File.ReadAllLines(RepositoryFolder.Path("samples", "OwnObserver", f))), blocks);
    }

    [Fact]
    public void The_qconfig_file_of_the_page_means_what_the_page_says()
    {
        var json = MarkdownPage.BlocksOf(Page).Single(b => b.Language == "json");
        var mapping = QConfigMapping.FromJson(string.Join('\n', json.Lines));
        Assert.Equal(QConfig.Default, mapping.For("layer2.0.conv1", "Conv"));
        Assert.Equal(QConfig.Onednn, mapping.For("linear", "Gemm"));
        Assert.Null(mapping.For("layer1.0.conv1", "Conv"));
        Assert.Equal(QConfig.Fbgemm, mapping.For("conv1", "Conv"));
    }

    [Fact]
    public void The_table_of_presets_lists_every_preset_with_its_ranges()
    {
        var table = File.ReadLines(RepositoryFolder.Path("docs", "3-observers.md")).Where(l => l.StartsWith("| `", StringComparison.Ordinal))
            .ToArray();
        foreach (var (name, qconfig) in QConfig.Presets)
        {
            var row = Assert.Single(table, l => l.Split('|')[1].Contains($"`{name}`", StringComparison.Ordinal)).Split('|');
            var observer = qconfig.Activation.Name.Replace("Observer", "", StringComparison.Ordinal);
            Assert.Contains($"{observer}, quint8 {RangeOf(qconfig.Activation)}", row[2], StringComparison.Ordinal);
            Assert.Contains(qconfig.Weight.IsPerChannel ? "per channel symmetric" : "per tensor symmetric", row[3], StringComparison.Ordinal);
            Assert.Contains(RangeOf(qconfig.Weight), row[3], StringComparison.Ordinal);
        }

        static string RangeOf(ObserverSpec spec) => $"{spec.QuantizedType.Min}…{spec.QuantizedType.Max}".Replace('-', '−');
    }
}
