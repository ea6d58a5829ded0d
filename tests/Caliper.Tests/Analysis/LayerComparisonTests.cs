using Caliper.Analysis;
using Caliper.Analysis.Matching;
using Caliper.Conversion;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Testing;

namespace Caliper.Tests.Analysis;

public sealed class LayerComparisonTests
{
    private const int Samples = 6;

    [Fact]
    public void What_a_tensor_or_weight_costs_alone_is_what_the_float_network_says_with_only_that_rounded()
    {
        using var fused = Chain(out var model);
        using var int8 = Int8(fused, model, out var data);
        var report = LayerComparison.Compare(fused, int8, data, new LayerComparisonOptions { SensitivitySamples = Samples });
        Assert.Equal(Samples, report.SensitivitySamples);
        var (expected, matched) = (Run(fused.Model, data), Correspondence.Of(fused, int8.Model.Graph));
        foreach (var tensor in report.Tensors)
            Near(expected, Run(WithRounded(fused.Model, tensor.Value, tensor.Parameters), data), tensor.OutputDecibels!.Value);
        foreach (var weight in report.Weights)
        {
            var initializer = fused.Layers.Single(l => l.Name == weight.Layer).Operation.Inputs[1];
            var rounded = Quantizer.FakeQuantize(fused.Model.Graph.Constant(initializer)!, weight.Parameters);
            var initializers = fused.Model.Graph.Initializers.SetItem(initializer, rounded);
            // What rounding takes from the mean, the bias gives back.
            if (matched.Weights.Single(w => w.Layer == weight.Layer).Bias is { } bias)
                initializers = initializers.SetItem(bias.Initializer, bias.Added);
            var graph = fused.Model.Graph.With(initializers: initializers);
            Near(expected, Run(fused.Model with { Graph = graph }, data), weight.OutputDecibels!.Value);
        }
        Assert.Equal(8, report.Weights.Length);
    }

    [Fact]
    public void Both_forms_of_an_int8_network_have_the_same_errors()
    {
        using var fused = Chain(out var model);
        using var qdq = Int8(fused, model, out var data);
        using var qoperator = Int8(fused, model, out _, QuantizedFormat.QOperator);
        Assert.Contains(qoperator.Model.Graph.Nodes, n => n.OpType == "QLinearConv");
        var (expected, actual) = (LayerComparison.Compare(fused, qdq, data), LayerComparison.Compare(fused, qoperator, data));
        Assert.Equal(expected.Tensors.Select(Summary), actual.Tensors.Select(Summary));
        Assert.Equal(expected.Weights.Select(w => (w.Layer, w.Decibels, w.OutputDecibels)),
            actual.Weights.Select(w => (w.Layer, w.Decibels, w.OutputDecibels)));
        Assert.Equal(expected.Headrooms, actual.Headrooms);
        Assert.Equal(expected.Findings.AsEnumerable(), actual.Findings);
    }

    [Fact]
    public void Neither_threads_nor_batches_change_a_bit()
    {
        using var alone = Chain(out var model, threads: 1);
        using var shared = Chain(out _, threads: 3);
        using var int8 = Int8(alone, model, out var data);
        using var again = Int8(shared, model, out var inOneBatch, batch: Samples);
        var (expected, actual) = (LayerComparison.Compare(alone, int8, data), LayerComparison.Compare(shared, again, inOneBatch));
        Assert.Equal(expected.Tensors.Select(Summary), actual.Tensors.Select(Summary));
        Assert.Equal(expected.Findings.AsEnumerable(), actual.Findings);
    }

    [Fact]
    public void Tensors_of_very_different_ranges_that_are_joined_are_named()
    {
        using var fused = Joined(narrow: 0.01f).Build().Fuse();
        var data = Data(new TestModel().Input("x", -1, 3, 8, 8));
        using var prepared = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, data);
        using var int8 = prepared.Convert();
        var report = LayerComparison.Compare(fused, int8, data, new LayerComparisonOptions { SensitivitySamples = Samples });
        var finding = report.Findings[0];
        Assert.Equal(("join", ErrorKind.SharedRange), (finding.Layer, finding.Kind));
        Assert.StartsWith("'small' is joined to wider values", finding.Message, StringComparison.Ordinal);
        Assert.Equal(new Fix(FixKind.KeepFloat, ["join", "last"]), finding.Fix);

        // The fix, applied.
        using var mended = fused.Prepare(new QConfigMapping(QConfig.Default).SetName("join", null).SetName("last", null));
        Evaluator.Evaluate(mended, null, data);
        using var repaired = mended.Convert();
        double now = NoiseOf(int8), after = NoiseOf(repaired);
        Assert.InRange(after / now, 0, 0.2);
        Assert.InRange(finding.DecibelsMended, finding.DecibelsNow + 7, double.PositiveInfinity);

        double NoiseOf(QuantizedModel candidate) => Math.Pow(10, -ModelComparison.Compare(fused, candidate, null, data).Sqnr[0].Decibels / 10);
    }

    [Theory]
    [InlineData(QuantizedFormat.Qdq)]
    [InlineData(QuantizedFormat.QOperator)]
    public void Tensors_that_are_moved_on_the_way_to_their_join_are_named_too(QuantizedFormat format)
    {
        using var fused = Joined(narrow: 0.01f, isMoved: true).Build().Fuse();
        var data = Data(new TestModel().Input("x", -1, 3, 8, 8));
        using var prepared = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, data);
        using var int8 = prepared.Convert(new ConvertOptions { Format = format });
        var finding = LayerComparison.Compare(fused, int8, data, new LayerComparisonOptions { SensitivitySamples = Samples }).Findings[0];
        Assert.Equal(("join", ErrorKind.SharedRange), (finding.Layer, finding.Kind));
        Assert.StartsWith("'small' is joined to wider values", finding.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Joined_tensors_of_like_ranges_are_not()
    {
        using var fused = Joined(narrow: 1).Build().Fuse();
        var data = Data(new TestModel().Input("x", -1, 3, 8, 8));
        using var prepared = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, data);
        using var int8 = prepared.Convert();
        Assert.DoesNotContain(LayerComparison.Compare(fused, int8, data).Findings, f => f.Kind == ErrorKind.SharedRange);
    }

    [Fact]
    public void With_labels_and_a_criterion_layers_are_judged_by_the_loss_too()
    {
        using var fused = Chain(out var model);
        using var int8 = Int8(fused, model, out var data);
        var labelled = data.Select(b => b with { Labels = [.. b.SampleNames.Select((_, i) => i % 4)] }).ToArray();
        var options = new LayerComparisonOptions { SensitivitySamples = Samples, Criterion = new CrossEntropyLoss() };
        var report = LayerComparison.Compare(fused, int8, labelled, options);
        var evaluated = ModelComparison.Compare(fused, int8, options.Criterion, labelled);
        Assert.Equal(evaluated.Reference.Loss!.Value, report.Evaluation!.Reference.Loss!.Value, Tolerances.SameNetwork);
        Assert.Equal(evaluated.Candidate, report.Evaluation.Candidate with { Batches = evaluated.Candidate.Batches });
        Assert.All(report.Tensors, t => Assert.InRange(t.LossChange!.Value, -1, 1));
        // All samples were measured alone: what is lost with everything rounded is what the int8 network loses.
        Assert.All(report.Findings, f => Assert.Equal((evaluated.Candidate.Loss - evaluated.Reference.Loss)!.Value, f.LossNow!.Value, 0.02));
        Assert.All(LayerComparison.Compare(fused, int8, data, options).Tensors, t => Assert.Null(t.LossChange));
    }

    [Fact]
    public void When_time_is_up_no_further_sample_is_begun()
    {
        using var fused = Chain(out var model, threads: 2);
        using var int8 = Int8(fused, model, out var data);
        // On this clock a second goes by from one look to the next: the second wave of two is the last.
        var report = LayerComparison.Compare(fused, int8, data, new LayerComparisonOptions
        {
            SensitivitySamples = Samples,
            SensitivityBudget = TimeSpan.FromSeconds(2),
            Clock = new SteppingClock(),
        });
        Assert.Equal(4, report.SensitivitySamples);
        Assert.All(report.Tensors, t => Assert.NotNull(t.OutputDecibels));
    }

    [Fact]
    public void Tensors_that_the_float_network_lacks_are_told_of()
    {
        using var fused = Chain(out var model);
        using var int8 = Int8(fused, model, out var data);
        Assert.Empty(LayerComparison.Compare(fused, int8, data).Diagnostics);
        using var strange = Renamed(int8, name => name.StartsWith("c3.relu", StringComparison.Ordinal) ? "other" + name["c3.relu".Length..] : name);
        var diagnostic = Assert.Single(LayerComparison.Compare(fused, strange, data).Diagnostics);
        Assert.Equal("unknown-tensors", diagnostic.Code);
        Assert.StartsWith("1 int8 tensor", diagnostic.Message, StringComparison.Ordinal);
        Assert.Contains("'other'", diagnostic.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Names_as_ONNX_Runtimes_quantizer_gives_them_are_understood()
    {
        using var fused = Chain(out var model);
        using var int8 = Int8(fused, model, out var data);
        var constants = int8.Model.Graph.Initializers;
        var dequantized = int8.Model.Graph.Nodes
            .Where(n => n.OpType == "DequantizeLinear" && !constants.ContainsKey(n.Inputs[0]) && n.Output != "y")
            .Select(n => n.Output).ToHashSet();
        using var foreign = Renamed(int8, name => dequantized.Contains(name) ? name + "_DequantizeLinear_Output"
            : name.EndsWith("_quantized", StringComparison.Ordinal) && !constants.ContainsKey(name)
                ? name.Replace("_quantized", "_QuantizeLinear_Output", StringComparison.Ordinal)
                : name);
        Assert.NotEqual(int8.Model.Graph.Nodes.SelectMany(n => n.Outputs).Order(), foreign.Model.Graph.Nodes.SelectMany(n => n.Outputs).Order());
        Assert.Equal(LayerComparison.Compare(fused, int8, data).Tensors.Select(Summary),
            LayerComparison.Compare(fused, foreign, data).Tensors.Select(Summary));
    }

    /// <summary>Eight convolutions, the last without Relu and summed up per class.</summary>
    private static FusedModel Chain(out TestModel model, int threads = 2)
    {
        model = new TestModel().Input("x", -1, 3, 8, 8).ConvBlock("c0", "x", 3, 4);
        for (var i = 1; i < 8; i++) model.ConvBlock($"c{i}", i == 4 ? "sum" : $"c{i - 1}.relu", 4, 4).NodeIf(i == 3, "Add", "c1.relu c3.relu", "sum");
        model.Node("GlobalAveragePool", "c7.relu", "mean").Node("Flatten", "mean", "y").Output("y");
        return new FloatModel(model.Build().Model, new Execution.ExecutionOptions { Threads = threads }).Fuse();
    }

    /// <summary>Two branches of different widths, joined, and a convolution that makes them equal again.</summary>
    private static TestModel Joined(float narrow, bool isMoved = false)
    {
        var model = new TestModel(3).Input("x", -1, 3, 8, 8);
        model.Weights("wide.weight", 0.5f, 4, 3, 3, 3)
            .Node("Conv", "x wide.weight", "wide", n => n.With("pads", 1, 1, 1, 1).With("kernel_shape", 3, 3));
        model.Weights("small.weight", 0.5f * narrow, 4, 3, 3, 3)
            .Node("Conv", "x small.weight", "small", n => n.With("pads", 1, 1, 1, 1).With("kernel_shape", 3, 3));
        if (isMoved)
        {
            foreach (var part in new[] { "wide", "small" })
            {
                model.Node("Transpose", part, part + ".turned", n => n.With("perm", 0, 1, 3, 2))
                    .Node("Transpose", part + ".turned", part + ".back", n => n.With("perm", 0, 1, 3, 2));
            }
        }
        model.Node("Concat", isMoved ? "wide.back small.back" : "wide small", "join", n => n.With("axis", 1));
        var last = model.RandomTensor(Shape.Of(4, 8, 1, 1), 0.5f).Span<float>().ToArray();
        for (var i = 0; i < last.Length; i++) if (i % 8 >= 4) last[i] /= narrow;
        return model.Constant("last.weight", Tensor.Of(Shape.Of(4, 8, 1, 1), last))
            .Node("Conv", "join last.weight", "last", n => n.With("kernel_shape", 1, 1)).Output("last");
    }

    private static QuantizedModel Int8(FusedModel fused, TestModel model, out Batch[] data,
        QuantizedFormat format = QuantizedFormat.Qdq, int batch = 1)
    {
        data = Data(model, batch);
        using var prepared = fused.Prepare(QConfig.Default);
        Evaluator.Evaluate(prepared, null, data);
        return prepared.Convert(new ConvertOptions { Format = format });
    }

    /// <summary>The same samples for every model of the same input, whatever else it drew.</summary>
    private static Batch[] Data(TestModel model, int batch = 1)
    {
        var all = Batch.Of(new TestModel(7).RandomTensor(model.Batch(1)[""].Shape.With(0, Samples), 2));
        return [.. Enumerable.Range(0, Samples / batch).Select(i => Batch.Of(Execution.Batches.Slice(all.Inputs[""], i * batch, batch)))];
    }

    private static QuantizedModel Renamed(QuantizedModel model, Func<string, string> rename)
    {
        var graph = model.Model.Graph;
        var nodes = graph.Nodes.Select(n => n with { Inputs = [.. n.Inputs.Select(rename)], Outputs = [.. n.Outputs.Select(rename)] });
        var initializers = graph.Initializers.Clear().AddRange(graph.Initializers.Select(i => KeyValuePair.Create(rename(i.Key), i.Value)));
        return new QuantizedModel(model.Model with { Graph = graph.With(nodes, initializers, intermediates: []) }, []);
    }

    private static float[] Run(Model model, Batch[] data)
    {
        using var runner = new FloatModel(model);
        return [.. data.SelectMany(b => runner.Run(b.Inputs).Values.First().Span<float>().ToArray())];
    }

    private static Model WithRounded(Model model, string value, QuantizationParameters parameters)
    {
        var graph = model.Graph;
        var zeroPoint = parameters.Type.Storage is ElementType.Int8
            ? Tensor.Scalar((sbyte)parameters.ZeroPoint)
            : Tensor.Scalar((byte)parameters.ZeroPoint);
        var nodes = graph.Nodes.Select(n => n with { Inputs = [.. n.Inputs.Select(i => i == value ? "rounded" : i)] })
            .Append(new Node("q", "QuantizeLinear", [value, "scale", "zero"], ["q"]))
            .Append(new Node("dq", "DequantizeLinear", ["q", "scale", "zero"], ["rounded"]));
        var outputs = graph.Outputs.Select(o => o.Name == value ? o with { Name = "rounded" } : o);
        var initializers = graph.Initializers.SetItem("scale", Tensor.Scalar(parameters.Scale)).SetItem("zero", zeroPoint);
        return model with { Graph = graph.With(nodes, initializers, outputs: [.. outputs]) };
    }

    private static void Near(float[] expected, float[] actual, double decibels)
    {
        var signal = expected.Sum(x => (double)x * x);
        var noise = expected.Zip(actual).Sum(p => ((double)p.First - p.Second) * ((double)p.First - p.Second));
        Assert.Equal(10 * Math.Log10(signal / noise), decibels, 0.05);
    }

    private sealed class SteppingClock : TimeProvider
    {
        private long _now;

        public override long TimestampFrequency => 1;

        public override long GetTimestamp() => _now++;
    }

    private static object Summary(TensorError t) => (t.Layer, t.Value, t.Parameters.Scale, t.RoundingDecibels, t.LocalDecibels, t.AccumulatedDecibels,
        t.Cosine, t.MaxError, t.Values, t.Below, t.Above, string.Join(' ', t.Levels), t.OutputDecibels);
}
