using BenchmarkDotNet.Attributes;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;

namespace Caliper.Benchmarks;

/// <summary>What watching one activation costs: 1.6 million floats, 8×64×56×56, half of them zero as after a ReLU.</summary>
public class ObserverBenchmarks
{
    private const int Count = 8 * 64 * 56 * 56;

    private readonly Tensor _activation = Tensor.Of(Shape.Of(8, 64, 56, 56), Values());
    private readonly Tensor _channelsLast = Tensor.Of(Shape.Of(8 * 56 * 56, 64), Values());
    private readonly MinMaxObserver _minMax = new();
    private readonly Observer _perChannel = ObserverSpec.PerChannelMinMax.Create(channelAxis: 1);
    private readonly Observer _perLastAxis = ObserverSpec.PerChannelMinMax.Create(channelAxis: 1);
    private readonly HistogramObserver _histogram = new();
    private readonly HistogramObserver _full = new();
    private Tensor? _wider;

    [GlobalSetup]
    public void Observe() => _full.Observe(_activation);

    [Benchmark(OperationsPerInvoke = Count)]
    public void MinMax() => _minMax.Observe(_activation);

    [Benchmark(OperationsPerInvoke = Count)]
    public void PerChannelMinMax() => _perChannel.Observe(_activation);

    [Benchmark(OperationsPerInvoke = Count)]
    public void PerChannelMinMaxOfLastAxis() => _perLastAxis.Observe(_channelsLast);

    [Benchmark(OperationsPerInvoke = Count)]
    public void Histogram() => _histogram.Observe(_activation);

    /// <summary>Per search, not per element: one small batch that resets what was computed, and the search.</summary>
    [Benchmark]
    public QuantizationParameters HistogramSearch()
    {
        _full.Observe(_wider ??= Tensor.Vector(0f));
        return _full.CalculateQParams();
    }

    private static float[] Values()
    {
        var random = new Random(1);
        var values = new float[Count];
        // Box-Muller, rectified.
        for (var i = 0; i < values.Length; i++)
        {
            var normal = Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            values[i] = (float)Math.Max(0, normal);
        }
        return values;
    }
}
