using Caliper;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Observers;
using Caliper.Tool.Demo;
using Caliper.Torch;

namespace Pictures;

/// <summary>The sample network after the flow: calibrated by evaluating, and converted.</summary>
internal sealed class GlyphSample : IDisposable
{
    /// <summary>The result of the last block: no activation bounds it, so it has tails on both sides.</summary>
    public const string TailedLayer = "features.8.conv.2";

    private readonly GlyphData _calibration = new(GlyphSheet.Read("glyphs.calibration.png"));

    public GlyphSample()
    {
        using var stream = GlyphSheet.Resource("glyphs.pth");
        var architecture = Architectures.Get("glyphs");
        Model = architecture.Create().ToModel(Checkpoint.Load(stream, "glyphs.pth"), architecture.InputShape, architecture.Name);
        Fused = Model.Fuse();
        Prepared = Fused.Prepare(QConfig.Default);
        var observed = Observer(TailedLayer);
        Evaluator.Evaluate(Prepared, null, _calibration, progress: new AfterBatch(() => Path.Add(Step.Of(observed))));
        Quantized = Prepared.Convert();
    }

    public FloatModel Model { get; }

    public FusedModel Fused { get; }

    public PreparedModel Prepared { get; }

    public QuantizedModel Quantized { get; }

    /// <summary>What the observer of <see cref="TailedLayer"/> had seen, and what it proposed, after each batch.</summary>
    public List<Step> Path { get; } = [];

    /// <summary>The observer of a layer's result, or of the network's input.</summary>
    public Observer Observer(string site) => Prepared.Observers.First(o => o.Site.Name == site).Observer;

    /// <summary>A layer's float values, a tensor for each batch of the calibration images.</summary>
    public IReadOnlyList<Tensor> Record(string layer)
    {
        var mapping = new QConfigMapping(QConfig.Default).SetName(layer, QConfig.Default with { Activation = ObserverSpec.Recording });
        using var recording = Fused.Prepare(mapping);
        Evaluator.Evaluate(recording, null, _calibration);
        return ((RecordingObserver)recording.Observers.First(o => o.Site.Name == layer).Observer).Tensors;
    }

    /// <summary>The weights and biases of a fused layer.</summary>
    public (Tensor Weight, Tensor Bias) Constants(string layer)
    {
        var (graph, node) = (Fused.Model.Graph, Fused.Layers.First(l => l.Name == layer).Operation);
        return (graph.Constant(node.Inputs[1])!, graph.Constant(node.Inputs[2])!);
    }

    /// <summary>What some values of the float network are for one image.</summary>
    public Tensor[] FloatValues(int image, params ReadOnlySpan<string> names)
    {
        using var model = new FloatModel(Model.Model with { Graph = WithOutputs(Model.Model.Graph, names) });
        return Run(model, image, names);
    }

    /// <summary>What some values of the fused network are for one image.</summary>
    public Tensor[] FusedValues(int image, params ReadOnlySpan<string> names)
    {
        using var model = new FloatModel(Fused.Model with { Graph = WithOutputs(Fused.Model.Graph, names) });
        return Run(model, image, names);
    }

    /// <summary>What some values of the int8 network are for one image, in Caliper's own engine.</summary>
    public Tensor[] Int8Values(int image, params ReadOnlySpan<string> names)
    {
        using var model = new QuantizedModel(Quantized.Model with { Graph = WithOutputs(Quantized.Model.Graph, names) }, [],
            new ExecutionOptions { Int8Backend = CaliperBackend.Instance });
        return Run(model, image, names);
    }

    private static Graph WithOutputs(Graph graph, ReadOnlySpan<string> names)
    {
        var outputs = graph.Outputs;
        foreach (var name in names) outputs = outputs.Add(graph.Find(name)!);
        return graph.With(outputs: outputs);
    }

    private static Tensor[] Run(IModel model, int image, ReadOnlySpan<string> names)
    {
        var outputs = model.Run(new GlyphData(GlyphSheet.Read("glyphs.calibration.png"), batchSize: 1).ElementAt(image).Inputs);
        return [.. names.ToArray().Select(name => outputs[name])];
    }

    public void Dispose()
    {
        Quantized.Dispose();
        Prepared.Dispose();
        Fused.Dispose();
        Model.Dispose();
    }

    private sealed class AfterBatch(Action act) : IProgress<EvaluationProgress>
    {
        public void Report(EvaluationProgress value) => act();
    }
}

/// <summary>An observer's notes and proposal after some batches.</summary>
internal readonly record struct Step(float Min, float Max, float RangeMin, float RangeMax, float Scale)
{
    public static Step Of(Observer observer)
    {
        var parameters = observer.CalculateQParams();
        return new(observer.Mins[0], observer.Maxs[0], parameters.RangeMin, parameters.RangeMax, parameters.Scale);
    }
}
