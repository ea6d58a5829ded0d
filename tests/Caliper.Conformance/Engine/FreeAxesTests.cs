using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Graphs;
using Caliper.Onnx;

namespace Caliper.Conformance.Engine;

/// <summary>Networks whose images are of any size: a plan for each shape, of which as many are kept as a budget of memory allows.</summary>
public class FreeAxesTests
{
    // What a session keeps besides the plan that runs.
    private const long Budget = 128L << 20;

    [Fact]
    public void Any_size_runs_and_the_memory_of_old_sizes_is_given_back()
    {
        var b = new QdqBuilder(3);
        var x = b.Conv(b.Conv(b.Input(-1, 3, -1, -1), 3, 32, 3, 1, 1, relu: true), 32, 32, 3, 1, 1, relu: true);
        var model = b.Build(asFloats: true, b.Conv(x, 32, 4, 3));
        using var session = (CaliperSession)CaliperBackend.Instance.Load(model, new ExecutionOptions { Threads = 1 });
        foreach (var size in Enumerable.Range(0, 24).Select(i => 200 + 13 * i).Append(213).Append(200))
        {
            var feeds = Feeds(size, size + 7);
            var expected = size < 230 ? Onnx.OnnxRuntime.Run(OnnxFile.ToBytes(model), feeds) : null;
            using var result = session.Run(feeds);
            foreach (var (name, tensor) in expected ?? []) Comparison.AssertSame(tensor, result[name]);
            Assert.InRange(session.KeptBytes, 1, Budget);
        }
    }

    [Fact]
    public void Who_asks_for_it_keeps_fewer_plans()
    {
        var b = new QdqBuilder(8);
        var model = b.Build(asFloats: true, b.Conv(b.Input(1, 3, -1, -1), 3, 32, 3));
        var kept = new[] { 0, 1L << 20 }.Select(bytes =>
        {
            using var session = (CaliperSession)CaliperBackend.Instance.Load(model, new ExecutionOptions { Threads = 1, MostPlanBytes = bytes });
            for (var size = 20; size > 10; size--) session.Run(Feeds(size, size)).Dispose();
            return session.KeptPlans;
        });
        Assert.Equal([1, 10], kept);
    }

    /// <summary>Where no plan may be kept, each goes while others are made.</summary>
    [Theory]
    [InlineData(8L << 20)]
    [InlineData(0)]
    public void Callers_at_once_with_other_shapes_each(long bytes)
    {
        var b = new QdqBuilder(4);
        var model = b.Build(asFloats: true, b.Conv(b.Input(-1, 3, -1, -1), 3, 8, 3));
        using var session = CaliperBackend.Instance.Load(model, new ExecutionOptions { Threads = 1, MostPlanBytes = bytes });
        Parallel.For(0, 48, new ParallelOptions { MaxDegreeOfParallelism = 4 }, i =>
        {
            var feeds = Feeds(8 + i % 6, 9);
            using var result = session.Run(feeds);
            Comparison.AssertSame(Comparison.Run(model, feeds, OptionsFor(feeds)).Values.First(), result[model.Graph.Outputs[0].Name]);
        });
    }

    [Fact]
    public void Free_axes_alone_keep_nobody_from_the_engine()
    {
        var b = new QdqBuilder(5);
        Assert.Null(CaliperBackend.WhyNot(b.Build(asFloats: true, b.Conv(b.Input(-1, 3, -1, -1), 3, 8, 3))));
        // The window of a spectrogram is longer than any sentence.
        b = new QdqBuilder(7);
        Assert.Null(CaliperBackend.WhyNot(b.Build(asFloats: true, b.Conv(b.Input(1, 1, -1), 1, 8, 512, stride: 160, axes: 1))));
        b = new QdqBuilder(6);
        var model = b.Build(asFloats: true, b.Apply("LpNormalization", 1, [b.Input(-1, 3, -1)]));
        Assert.Contains("LpNormalization", CaliperBackend.WhyNot(model)!.Message, StringComparison.Ordinal);
    }

    private static Int8SessionOptions OptionsFor(Dictionary<string, Tensor> feeds) =>
        new() { InputShapes = feeds.ToImmutableDictionary(f => f.Key, f => f.Value.Shape) };

    private static Dictionary<string, Tensor> Feeds(int height, int width)
    {
        var random = new Random(height);
        var pixels = Enumerable.Range(0, 3 * height * width).Select(_ => random.NextSingle() * 4 - 2).ToArray();
        return new() { ["input_0"] = Tensor.Of(Shape.Of(1, 3, height, width), pixels) };
    }
}
