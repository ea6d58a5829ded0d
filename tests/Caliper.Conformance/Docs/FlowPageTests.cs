using System.Text.RegularExpressions;
using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Imaging;
using Caliper.Observers;
using Caliper.Reporting.Html;
using Caliper.Search;
using Caliper.Testing;

namespace Caliper.Conformance.Docs;

/// <summary>docs/2-the-flow.md.</summary>
[Collection(WorkingDirectory.Name)]
public sealed partial class FlowPageTests(GlyphsFolder glyphs) : PageTests("docs/2-the-flow.md")
{
    [Fact]
    public void The_flow_leaves_an_int8_file()
    {
        #region
        using var model = FloatModel.Load("glyphs/glyphs.onnx");
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);

        var pixels = new Preprocessing { Mean = [0.5f], Std = [0.5f] };
        var images = DataSource.Open("glyphs/calibration", pixels, batchSize: 32);
        Evaluator.Evaluate(prepared, criterion: null, images, evalBatches: 32);

        using var quantized = prepared.Convert();
        quantized.Save("glyphs.int8.onnx");
        #endregion
        Assert.True(new FileInfo("glyphs.int8.onnx").Length < new FileInfo("glyphs/glyphs.onnx").Length / 2);
    }

    [Fact]
    public void The_plan_is_made_before_any_data()
    {
        using var prepared = glyphs.Fused.Prepare(QConfig.Default);
        #region
        foreach (var plan in prepared.Plan.Layers)
            Console.WriteLine($"{plan.Layer.Name,-22} {plan.Layer.Kind,-17} {plan.Role,-11} {(plan.IsInteger ? "int8" : "float")}");
        foreach (var diagnostic in prepared.Plan.Diagnostics) Console.WriteLine(diagnostic);
        #endregion
        AssertPrinted(block: 2);
    }

    [Fact]
    public void A_mapping_gives_layers_different_observers_and_survives_its_file()
    {
        var fused = glyphs.Fused;
        #region
        var mapping = new QConfigMapping(QConfig.Default)
            .SetOperatorType("Gemm", null)
            .SetNameGlob("features.1.*", QConfig.Onednn)
            .SetName("features.0.0", QConfig.Default with { Activation = ObserverSpec.MinMax });
        mapping.Save("qconfig.json");
        using var mixed = fused.Prepare(QConfigMapping.Load("qconfig.json"));
        foreach (var diagnostic in mixed.Plan.Diagnostics) Console.WriteLine(diagnostic);
        #endregion
        AssertPrinted(block: 3);
        Assert.Equal(mapping.ToJson(), QConfigMapping.Load("qconfig.json").ToJson());
    }

    [Fact]
    public void The_same_image_gives_other_outputs_while_statistics_refine()
    {
        var (fused, images) = (glyphs.Fused, glyphs.Images);
        #region
        using var simulated = fused.Prepare(QConfig.Default, simulate: true);
        var first = images.First();
        foreach (var batch in images.Take(4))
        {
            var logits = simulated.Run(first.Inputs).Values.Single().Span<float>().ToArray();
            Console.WriteLine(string.Join("  ", logits.Take(4).Select(l => $"{l:F3}")));
            simulated.Run(batch.Inputs);
        }
        #endregion
        AssertPrinted(block: 4, Tolerances.PrintedFloat);
        Assert.Equal(4, Console.ToString().TrimEnd().Split('\n').Distinct().Count());
    }

    [Fact]
    public void The_table_of_diagnostics_has_every_code_of_the_library()
    {
        var rows = File.ReadAllLines(RepositoryFolder.Path("docs", "2-the-flow.md"));
        var codes = Directory.GetFiles(RepositoryFolder.Path("src", "Caliper"), "*.cs", SearchOption.AllDirectories)
            .SelectMany(file => Code().Matches(File.ReadAllText(file))).Select(m => m.Groups[1].Value).Distinct().ToArray();
        Assert.True(codes.Length >= 6);
        Assert.All(codes, code => Assert.Contains(rows, row => row.StartsWith($"| `{code}` |", StringComparison.Ordinal)));
    }

    [GeneratedRegex("""new(?: Diagnostic)?\("([a-z-]+)", layer\.Name""", RegexOptions.CultureInvariant)]
    private static partial Regex Code();

    [Fact]
    public void A_search_finds_what_needs_more_than_8_bits()
    {
        var (fused, images) = (glyphs.Fused, glyphs.Images);
        #region
        var calibrator = new Calibrator(fused);
        calibrator.Observe(images);
        using var asItIs = fused.Prepare(QConfig.Default);
        asItIs.Load(calibrator.Statistics);
        PreparedModel[] forms = [asItIs, .. RecipeSearch.FormsOf(asItIs, calibrator.Statistics)];
        foreach (var form in forms.Skip(1)) Evaluator.Evaluate(form, criterion: null, images);
        var found = RecipeSearch.Find(forms, images);
        using var searched = found.Form!.Convert(found.Complete());
        #endregion
        using var plain = asItIs.Convert();
        Assert.True(Decibels(searched) > Decibels(plain) + 6, $"{Decibels(searched)} dB against {Decibels(plain)}");
        foreach (var form in forms) form.Dispose();

        double Decibels(QuantizedModel model) => ModelComparison.Compare(glyphs.Model, model, null, images).Sqnr[0].Decibels;
    }

    [Fact]
    public void A_comparison_tells_what_int8_costs()
    {
        var (model, pixels) = (glyphs.Model, new Preprocessing { Mean = [0.5f], Std = [0.5f] });
        using var prepared = glyphs.Fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, glyphs.Images);
        using var quantized = prepared.Convert();
        #region
        var test = DataSource.Open("glyphs/test", pixels, batchSize: 50, new SampleSelection { Limit = 500 });
        var result = ModelComparison.Compare(model, quantized, new CrossEntropyLoss(), test);
        Console.WriteLine($"float  {result.Reference}");
        Console.WriteLine($"int8   {result.Candidate}");
        Console.WriteLine($"same answer {result.Agreement:F2} %, {result.Sqnr[0].Decibels:F1} dB");
        #endregion
        AssertPrinted(block: 6, Tolerances.PrintedFloat);
    }

    [Fact]
    public void A_report_tells_where_it_is_lost_and_a_test_can_hold_it_to_that()
    {
        var fused = glyphs.Fused;
        using var prepared = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, glyphs.Images);
        using var quantized = prepared.Convert();
        var test = DataSource.Open("glyphs/test", new Preprocessing { Mean = [0.5f], Std = [0.5f] }, batchSize: 50,
            new SampleSelection { Limit = 500 });
        #region
        var report = LayerComparison.Compare(fused, quantized, test, new LayerComparisonOptions { Batches = 2 });
        foreach (var tensor in report.Tensors.Where(t => t.LocalDecibels is not null).OrderBy(t => t.LocalDecibels).Take(3))
            Console.WriteLine($"{tensor.Layer,-20} own {tensor.LocalDecibels:F1} dB, as deployed {tensor.AccumulatedDecibels:F1} dB");
        File.WriteAllText("report.html", HtmlReport.Render(report, new HtmlReportHeader("glyphs", "glyphs.onnx", "glyphs.int8.onnx")));
        #endregion
        AssertPrinted(block: 7, Tolerances.PrintedFloat);
        Assert.Contains("</html>", File.ReadAllText("report.html"), StringComparison.Ordinal);
        #region
        Assert.True(report.TensorOf("features.7.conv.2").LocalDecibels >= 20);
        Assert.All(report.Tensors, tensor => Assert.True(tensor.ClippedShare < 0.001, tensor.Layer));
        Assert.True(report.Outputs[0].Decibels >= 15);
        #endregion
    }
}
