using Caliper.Analysis;
using Caliper.Calibration;
using Caliper.Evaluation;
using Caliper.Graphs;
using Caliper.Onnx;
using Caliper.Operators;
using Caliper.Preparation;
using Caliper.Reporting.Html;
using Caliper.Tool.Outputs;
using Caliper.Tool.Reports;
using Caliper.Tool.Stages;
using Caliper.Torch;

namespace Caliper.Tool.Demo;

/// <summary>
/// The flow that the demo tells about, as a user of the library would write it, once for the good qconfig and once for the
/// naive one. It prints nothing: the story asks it for one step after the other.
/// </summary>
internal sealed class DemoFlow(CancellationToken cancellationToken) : IDisposable
{
    /// <summary>Enough to see tails, and few enough that nobody waits: a batch holds nearly all classes once.</summary>
    private const int ComparedBatches = 2;

    private readonly CrossEntropyLoss _criterion = new();
    private readonly GlyphData _test = new(GlyphSheet.Read("glyphs.test.png"));

    /// <summary>What calibrates.</summary>
    public GlyphData Calibration { get; } = new(GlyphSheet.Read("glyphs.calibration.png"));

    public FloatModel Model { get; } = LoadModel();

    public FusedModel Fused { get; private set; } = null!;

    public PreparedModel Prepared { get; private set; } = null!;

    /// <summary>What the observers of <see cref="Prepared"/> saw, written down.</summary>
    private RecordedCalibration Seen { get; set; } = null!;

    public QuantizedModel Quantized { get; private set; } = null!;

    /// <summary>Folds and joins, and puts observers of the good qconfig in place.</summary>
    public void Prepare()
    {
        Fused = Model.Fuse();
        Prepared = Fused.Prepare(QConfig.Default);
        Seen = new RecordedCalibration(Prepared);
    }

    /// <summary>Calibrates by evaluating, and writes down what was seen, and what one observer proposes after each batch.</summary>
    public (EvaluationResult Result, DemoTrace Trace) Calibrate(IProgress<EvaluationProgress> progress)
    {
        var observed = Prepared.Observers.First(o => o.Site.Name == TracedLayer(Prepared));
        var points = new List<DemoTracePoint>();
        var watch = new Tee(progress, () => points.Add(PointOf(observed, points.Count + 1)));
        var result = Seen.Evaluate(Calibration, watch, cancellationToken);
        return (result, new DemoTrace(observed.Site.Name, [.. points]));
    }

    /// <summary>Float, naive int8 and good int8 on the test images.</summary>
    public (DemoModelReport Float, DemoModelReport Naive, DemoModelReport Int8, DataReport Data) Judge(
        PreparedModel naive, StageRun stages)
    {
        Quantized = stages.Run("convert", () => Prepared.Convert());
        using var naivelyQuantized = stages.Run("convert", () => naive.Convert());
        var good = stages.Run("evaluate", progress => Compare(Quantized, progress));
        var bad = stages.Run("evaluate naive", progress => Compare(naivelyQuantized, progress));
        return (ReportOf(null, good.Reference, null, Model.Model),
            ReportOf("default", bad.Candidate, bad.Agreement, naivelyQuantized.Model),
            ReportOf("caliper", good.Candidate, good.Agreement, Quantized.Model),
            new DataReport("embedded", good.Reference.Samples, good.Reference.Batches));
    }

    /// <summary>The same model, calibrated the same way, with PyTorch's default qconfig.</summary>
    public PreparedModel CalibrateNaively(IProgress<EvaluationProgress> progress)
    {
        var prepared = Fused.Prepare(QConfig.PyTorchDefault);
        Evaluator.Evaluate(prepared, null, Calibration, progress: progress, cancellationToken: cancellationToken);
        return prepared;
    }

    /// <summary>The layer whose weights have channels of the most different widths.</summary>
    public DemoChannels WidestSpread()
    {
        var graph = Fused.Model.Graph;
        return Prepared.Plan.Weights.Where(w => OperatorCatalogue.ProductOf(w.Layer.Operation) is ProductKind.Convolution)
            .Select(w => SpreadOf(w.Layer.Name, graph.Constant(w.Initializer)!)).MaxBy(s => s.Widest / s.Narrowest)!;
    }

    /// <summary>What int8 with the good qconfig changes, tensor by tensor, on the first of the test images.</summary>
    public QuantizationReport Compare(IProgress<EvaluationProgress> progress) =>
        LayerComparison.Compare(Fused, Quantized, _test, new LayerComparisonOptions { Batches = ComparedBatches, Criterion = _criterion },
        progress: progress, cancellationToken: cancellationToken);

    /// <summary>What the page tells of the calibration: every tensor's statistics, and its range batch by batch.</summary>
    public HtmlCalibration Examine() => ReportPage.CalibrationOf(Fused, Seen.Statistics, Seen.Trace, QConfig.Default);

    public void Dispose()
    {
        Quantized?.Dispose();
        Prepared?.Dispose();
        Fused?.Dispose();
        Model.Dispose();
    }

    private static FloatModel LoadModel()
    {
        using var stream = GlyphSheet.Resource("glyphs.pth");
        var architecture = Architectures.Get("glyphs");
        return architecture.Create().ToModel(Checkpoint.Load(stream, "glyphs.pth"), architecture.InputShape, architecture.Name);
    }

    /// <summary>The result of the last block: no activation bounds it, so its range takes a while to be known.</summary>
    private static string TracedLayer(PreparedModel prepared) =>
        prepared.Plan.Layers.Last(l => l.Layer.Activation is null
            && OperatorCatalogue.ProductOf(l.Layer.Operation) is ProductKind.Convolution).Layer.Name;

    private static DemoTracePoint PointOf(ActivationObserver activation, int batch)
    {
        var (observer, parameters) = (activation.Observer, activation.Observer.CalculateQParams());
        return new DemoTracePoint(batch, observer.Mins[0], observer.Maxs[0], parameters.Scale, parameters.ZeroPoint);
    }

    private static DemoChannels SpreadOf(string layer, Tensor weights)
    {
        var values = weights.Span<float>();
        var channels = (int)weights.Shape[0].Length;
        var perChannel = values.Length / channels;
        var widths = new float[channels];
        for (var i = 0; i < values.Length; i++) widths[i / perChannel] = Math.Max(widths[i / perChannel], Math.Abs(values[i]));
        float narrowest = widths.Min(), widest = widths.Max();
        return new DemoChannels(layer, narrowest, widest, 1 + (2 * (int)Math.Round(narrowest / (widest / 127))));
    }

    private ComparisonResult Compare(QuantizedModel quantized, IProgress<EvaluationProgress> progress) =>
        ModelComparison.Compare(Model, quantized, _criterion, _test, null, progress, cancellationToken);

    private static DemoModelReport ReportOf(string? qconfig, EvaluationResult result, double? agreement, Model model) =>
        new(qconfig, result.Acc1!.Value, result.Acc5!.Value, result.Loss!.Value, agreement, OnnxFile.ToBytes(model).Length);

    private sealed class Tee(IProgress<EvaluationProgress> progress, Action afterBatch) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value)
        {
            afterBatch();
            progress.Report(value);
        }
    }
}
