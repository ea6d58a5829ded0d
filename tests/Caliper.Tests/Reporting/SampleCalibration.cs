using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Data;
using Caliper.Graphs;
using Caliper.Observers;
using Caliper.Reporting.Html;
using Caliper.Tests;

namespace Caliper.Reporting.Tests;

/// <summary>A small network whose two branches share a scale, observed on random images, with its trace.</summary>
internal sealed class SampleCalibration : IDisposable
{
    public const int Samples = 24;
    public const int BatchSize = 4;

    private static readonly Tensor Images = new TestModel(7).RandomTensor(Shape.Of(Samples, 3, 8, 8), 2);

    private readonly FloatModel _model;

    /// <param name="suffix">What the names of layers, and with it of values and samples, end in.</param>
    /// <param name="seed">Chooses the weights.</param>
    public SampleCalibration(string suffix = "", int seed = 1)
    {
        _model = new TestModel(seed).Input("x", -1, 3, 8, 8)
            .Weights("left.weight", 0.4f, 6, 3, 1, 1).Weights("right.weight", 0.4f, 6, 3, 1, 1).Weights("last.weight", 0.4f, 4, 12, 1, 1)
            .Node("Conv", "x left.weight", "left" + suffix).Node("Conv", "x right.weight", "right" + suffix)
            .Node("Concat", $"left{suffix} right{suffix}", "both" + suffix, n => n.With("axis", 1))
            .Node("Relu", "both" + suffix, "relu" + suffix).Node("Conv", $"relu{suffix} last.weight", "last" + suffix)
            .Node("GlobalAveragePool", "last" + suffix, "y").Output("y").Build();
        Fused = _model.Fuse();
        using var calibrator = new Calibrator(Fused);
        calibrator.Observe(Batches(suffix), isEnough: ranges =>
        {
            Trace.Add(calibrator.Statistics.Samples.Count, ranges);
            return false;
        });
        Statistics = calibrator.Statistics;
    }

    public FusedModel Fused { get; }

    public CalibrationStatistics Statistics { get; }

    public CalibrationTrace Trace { get; } = new();

    /// <summary>The page of the calibration alone.</summary>
    public string Page(QConfigMapping? scheme = null) => Page(new HtmlCalibration(Fused, Statistics, Trace, scheme ?? QConfig.Default));

    public static string Page(HtmlCalibration calibration) =>
        HtmlReport.Render(null, new("Sample", "sample.onnx", null) { Calibration = calibration });

    /// <summary>The network in int8, compared with itself in float.</summary>
    public QuantizationReport Compare(QConfigMapping scheme)
    {
        using var prepared = Fused.Prepare(scheme);
        prepared.Load(Statistics);
        using var int8 = prepared.Convert();
        return LayerComparison.Compare(Fused, int8, Batches(""), new LayerComparisonOptions { SensitivitySamples = 0 });
    }

    public static QConfig With(ObserverSpec activation) => QConfig.Default with { Activation = activation };

    public void Dispose()
    {
        Fused.Dispose();
        _model.Dispose();
    }

    private static IEnumerable<Batch> Batches(string suffix) => Enumerable.Range(0, Samples).Chunk(BatchSize).Select(chunk => new Batch(
        new Dictionary<string, Tensor>
        {
            [""] = Tensor.Of(Shape.Of(chunk.Length, 3, 8, 8), chunk.SelectMany(i => Images.Span<float>().Slice(i * 192, 192).ToArray()).ToArray()),
        },
        null, [.. chunk.Select(i => $"image {i}{suffix}")]));
}
