using Caliper.Analysis;
using Caliper.Conversion;
using Caliper.Data;
using Caliper.Evaluation;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Tests.Flow;

/// <summary>What a user does with a network: quantize it in both forms, run it on both engines, compare.</summary>
internal static class WholeFlow
{
    /// <summary>Asserts that all of it works and how close int8 comes, and gives the plan's layers that are int8.</summary>
    public static string[] Check(FloatModel model, Dictionary<string, Tensor> inputs, double minimumDecibels = 30)
    {
        using var fused = model.Fuse();
        using var prepared = fused.Prepare(QConfig.Default);
        var expected = model.Run(inputs);
        prepared.Run(inputs);
        Assert.NotEmpty(prepared.ToString());
        foreach (var form in Enum.GetValues<QuantizedFormat>())
        {
            using var int8 = prepared.Convert(new ConvertOptions { Format = form });
            var backends = new List<IExecutionBackend> { OnnxRuntimeBackend.Instance };
            if (CaliperBackend.WhyNot(int8.Model) is null) backends.Add(CaliperBackend.Instance);
            foreach (var backend in backends)
            {
                using var run = new QuantizedModel(int8.Model, [], new ExecutionOptions { Int8Backend = backend });
                var actual = run.Run(inputs);
                foreach (var (name, tensor) in expected) Close(tensor, actual[name], minimumDecibels, $"{form} on {backend.Name}, {name}");
            }
            var report = LayerComparison.Compare(fused, int8, [BatchOf(inputs)], new LayerComparisonOptions { Criterion = new CrossEntropyLoss() });
            Assert.All(report.Tensors, t => Assert.False(double.IsNaN(t.AccumulatedDecibels), t.Layer));
        }
        return [.. prepared.Plan.Layers.Where(l => l.IsInteger).Select(l => l.Layer.Name)];
    }

    public static Batch BatchOf(Dictionary<string, Tensor> inputs)
    {
        var count = (int)inputs.Values.First().Shape[0].Length;
        return new Batch(inputs, null, [.. Enumerable.Range(0, count).Select(i => $"#{i}")]);
    }

    private static void Close(Tensor expected, Tensor actual, double minimumDecibels, string where)
    {
        Assert.Equal((expected.Type, expected.Shape), (actual.Type, actual.Shape));
        if (!Numerics.FloatCasts.IsFloat(expected.Type)) return;
        var meter = new SqnrMeter();
        meter.Update(Numerics.FloatCasts.ToSingle(expected).Span<float>(), Numerics.FloatCasts.ToSingle(actual).Span<float>());
        Assert.True(meter.Decibels >= minimumDecibels, $"{meter.Decibels:F1} dB: {where}");
    }
}
