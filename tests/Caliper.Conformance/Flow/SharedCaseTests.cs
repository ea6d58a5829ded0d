using Caliper.Analysis;
using Caliper.Conversion;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Kernels;
using Caliper.Numerics;
using Caliper.Testing;

namespace Caliper.Conformance.Flow;

/// <summary>Small networks whose kind of structure once gave wrong numbers or a crash: quantized in both forms, run on both engines, they keep
/// what their kind can keep.</summary>
public class SharedCaseTests
{
    /// <summary>The least signal-to-noise ratio of each: what the better of the two engines gives, less half a decibel.</summary>
    public static TheoryData<string, double> Cases => new()
    {
        { "attention_long", 48.8 }, { "avgpool_dilated", 36.4 }, { "bert_embeddings", 40.6 }, { "causal_mask_inf", 36.6 }, { "decoder", 33.8 },
        { "fp16", 35.7 }, { "frames_to_batch", 37.4 }, { "large_folded_weight", 36 }, { "local_function", 36.2 }, { "matmul_add_shapes", 37.8 },
        { "meg_input", 36.1 }, { "mel_frontend", 40.3 }, { "one_channel_1d", 36 }, { "pos_slice_free", 41.3 }, { "softmax_concat", 53 },
        { "softmax_flat", 40.4 }, { "tied_embedding", 43.5 }, { "weight_in_subgraph", 41.1 }, { "yolo_head", 38 },
    };

    [Theory]
    [MemberData(nameof(Cases))]
    public void Both_forms_on_both_engines_keep_the_signal(string name, double leastDecibels)
    {
        var folder = SharedFolder.Path("cases", name);
        using var model = FloatModel.Load(Path.Combine(folder, "model.onnx"));
        using var fused = model.Fuse();
        var data = ArrayLoader.Open(Path.Combine(folder, "data.npz"), 1).ToArray();
        using var prepared = fused.Prepare(QConfig.Default);
        foreach (var batch in data) prepared.Run(batch.Inputs);
        foreach (var form in Enum.GetValues<QuantizedFormat>())
        {
            using var int8 = prepared.Convert(new ConvertOptions { Format = form, AllowUnobserved = true });
            var ours = CaliperBackend.WhyNot(int8.Model);
            Assert.True(ours is null, ours?.Message);
            foreach (var backend in new IExecutionBackend[] { OnnxRuntimeBackend.Instance, CaliperBackend.Instance })
            {
                using var run = new QuantizedModel(int8.Model, [], new ExecutionOptions { Int8Backend = backend });
                var decibels = Decibels(model, run, data);
                // In branches it cannot be told to add exactly.
                var mayDiffer = name is "weight_in_subgraph" && backend is OnnxRuntimeBackend && Machine.WithoutVnni() is not null;
                Assert.True(decibels >= leastDecibels || mayDiffer, $"{form} on {backend.Name}: {decibels:F1} dB");
            }
            var report = LayerComparison.Compare(fused, int8, data, new LayerComparisonOptions { Criterion = new CrossEntropyLoss() });
            Assert.All(report.Tensors, t => Assert.True(double.IsFinite(t.AccumulatedDecibels) && double.IsFinite(t.Cosine), t.Layer));
            Assert.All(report.Outputs, o => Assert.True(double.IsFinite(o.Decibels), o.Output));
        }
    }

    private static double Decibels(IModel reference, IModel candidate, Batch[] data)
    {
        var meters = new Dictionary<string, SqnrMeter>(StringComparer.Ordinal);
        foreach (var batch in data)
        {
            var (expected, actual) = (reference.Run(batch.Inputs), candidate.Run(batch.Inputs));
            foreach (var (output, tensor) in expected.Where(o => FloatCasts.IsFloat(o.Value.Type)))
            {
                if (!meters.TryGetValue(output, out var meter)) meters[output] = meter = new SqnrMeter();
                meter.Update(FloatCasts.ToSingle(tensor).Span<float>(), FloatCasts.ToSingle(actual[output]).Span<float>());
            }
        }
        return meters.Values.Min(m => m.Decibels);
    }
}
