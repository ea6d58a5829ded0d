using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Calibration.Doctor;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Reporting.Html;
using Caliper.Torch;

namespace Caliper.Conformance.Torch;

/// <summary>The pages about networks of any depth: of the calibration, and of what int8 cost.</summary>
public class ArchitectureReportTests
{
    [Theory]
    [InlineData("resnet32")]
    [InlineData("resnet44")]
    public void A_page_shows_every_int8_tensor(string name)
    {
        var random = new Random(3);
        var shape = Shape.Of(2, 3, 32, 32);
        var pixels = Enumerable.Range(0, (int)shape.ElementCount).Select(_ => random.NextSingle() - 0.5f).ToArray();
        var data = new[] { Batch.Of(Tensor.Of(shape, pixels)) };
        using var model = TorchModel.Untrained(name);
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused);
        calibrator.Observe(data);
        using var prepared = fused.Prepare(QConfig.Default);
        prepared.Load(calibrator.Statistics);
        using var int8 = prepared.Convert();

        var calibration = new HtmlCalibration(fused, calibrator.Statistics, null, QConfig.Default)
        {
            Diagnostics = DataDoctor.Examine(fused, calibrator.Statistics),
        };
        var header = new HtmlReportHeader(name, "float", "int8") { Calibration = calibration };
        var report = LayerComparison.Compare(fused, int8, data, new LayerComparisonOptions { SensitivitySamples = 1 });
        foreach (var page in new[] { HtmlReport.Render(null, header), HtmlReport.Render(report, header) })
            Assert.All(prepared.Plan.Sites, site => Assert.Contains(site.Name, page, StringComparison.Ordinal));
    }
}
