using Caliper.Calibration;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Tests.Calibration;

/// <summary>A small network and random samples, cut into batches in any way.</summary>
internal static class CalibratedSample
{
    public const int Count = 30;

    private static readonly Tensor Images = new TestModel(5).RandomTensor(Shape.Of(Count, 3, 8, 8), 2);

    public static FloatModel Network(int threads = 1, int seed = 1)
    {
        var model = new TestModel(seed).Input("x", -1, 3, 8, 8).ConvBlock("conv1", "x", 3, 6).ConvBlock("conv2", "conv1.relu", 6, 4, relu: false)
            .Node("GlobalAveragePool", "conv2.bn", "pool").Node("Flatten", "pool", "y").Output("y").Build();
        return new FloatModel(model.Model, new ExecutionOptions { Threads = threads });
    }

    /// <summary>The samples of some numbers, in that order.</summary>
    public static IEnumerable<Batch> Batches(IEnumerable<int> samples, int batchSize) => samples.Chunk(batchSize).Select(chunk => new Batch(
        new Dictionary<string, Tensor> { [""] = Tensor.Of(Shape.Of(chunk.Length, 3, 8, 8), [.. chunk.SelectMany(Values)]) },
        null, [.. chunk.Select(i => $"image {i}")]));

    private static float[] Values(int sample) => Images.Span<float>().Slice(sample * 192, 192).ToArray();

    public static CalibrationStatistics Observe(IEnumerable<int> samples, int batchSize = 8, int threads = 1, CalibrationStatistics? earlier = null)
    {
        using var model = Network(threads);
        using var fused = model.Fuse();
        using var calibrator = new Calibrator(fused, earlier);
        calibrator.Observe(Batches(samples, batchSize));
        return calibrator.Statistics;
    }

    public static CalibrationStatistics All() => Observe(Enumerable.Range(0, Count));
}
