using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Observers.OnnxRuntime;
using CsCheck;

namespace Caliper.Tests.Observers;

/// <summary>What holds beyond ONNX Runtime's numbers, which the conformance tests compare.</summary>
public class OnnxRuntimeObserverTests
{
    private static readonly ObserverSpec[] Specs =
    [
        ObserverSpec.OnnxRuntimeEntropy,
        ObserverSpec.OnnxRuntimeEntropy with { Bins = 512 },
        ObserverSpec.OnnxRuntimePercentile,
        ObserverSpec.OnnxRuntimePercentile with { DType = ElementType.Int8, Scheme = QuantizationScheme.PerTensorSymmetric },
    ];

    [Fact]
    public void Whatever_comes_the_range_lies_within_what_was_seen() =>
        Gen.Select(Gen.Int[0, Specs.Length - 1], Gen.Float[-1, 1].Array[1, 50].Array[1, 5], Gen.Int[-60, 60].Array[5])
            .Sample((spec, batches, exponents) =>
        {
            var observer = (OnnxRuntimeObserver)Specs[spec].Create();
            foreach (var (batch, exponent) in batches.Zip(exponents))
                observer.Observe(Tensor.Vector([.. batch.Select(v => MathF.ScaleB(v, exponent))]));
            var (low, high) = observer.CalculateRange();
            Assert.InRange(low, observer.Mins[0], float.MaxValue);
            Assert.InRange(high, float.MinValue, observer.Maxs[0]);
            Assert.True(observer.CalculateQParams().Scale > 0);
        }, iter: 60);

    [Fact]
    public void A_batch_that_dwarfs_the_first_takes_no_more_memory()
    {
        foreach (var spec in Specs)
        {
            var observer = (OnnxRuntimeObserver)spec.Create();
            observer.Observe(Tensor.Vector([1e-30f, -1e-30f]));
            var before = GC.GetAllocatedBytesForCurrentThread();
            observer.Observe(Tensor.Vector([1e30f, 0.5f]));
            observer.Observe(Tensor.Vector([float.MaxValue, float.MinValue]));
            Assert.InRange(GC.GetAllocatedBytesForCurrentThread() - before, 0, 16 << 20);
            Assert.True(float.IsFinite(observer.CalculateQParams().Scale));
        }
    }

    [Fact]
    public void Zeros_and_constants_have_a_range()
    {
        foreach (var spec in Specs)
        {
            var observer = (OnnxRuntimeObserver)spec.Create();
            observer.Observe(Tensor.Vector([0f, 0, 0]));
            Assert.Equal((0, 0), observer.CalculateRange());
            observer.Observe(Tensor.Vector([0f, 4]));
            Assert.InRange(observer.CalculateRange().High, 0, 4);
        }
    }

    [Fact]
    public void Values_that_are_not_finite_are_skipped_and_counted()
    {
        var (one, other) = (new OnnxRuntimePercentileObserver(), new OnnxRuntimePercentileObserver());
        one.Observe(Tensor.Vector([1f, float.NaN, 2, float.NegativeInfinity]));
        other.Observe(Tensor.Vector([1f, 2]));
        Assert.Equal(other.CalculateRange(), one.CalculateRange());
        Assert.Equal((1, 1), (one.NaNCount, one.NegativeInfinityCount));
    }

    [Fact]
    public void Nothing_observed_is_an_error() =>
        Assert.Contains("observed nothing", Assert.Throws<CaliperException>(() => new OnnxRuntimeEntropyObserver().CalculateRange()).Message,
        StringComparison.Ordinal);

    [Theory]
    [InlineData("""{"observer":"OnnxRuntimePercentileObserver","percentile":0}""", "percentile must be above 0")]
    [InlineData("""{"observer":"OnnxRuntimePercentileObserver","bins":127}""", "even number")]
    [InlineData("""{"observer":"OnnxRuntimeEntropyObserver","num_quantized_bins":256}""", "num_quantized_bins must be 2 to")]
    [InlineData("""{"observer":"OnnxRuntimeEntropyObserver","bins":32768}""", "at most 8192")]
    public void A_wrong_spec_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<CaliperException>(() => ObserverSpec.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void A_spec_survives_its_JSON_form() =>
        Assert.All(
            Specs.Append(ObserverSpec.OnnxRuntimePercentile with { Percentile = 99.9 })
                .Append(ObserverSpec.OnnxRuntimeEntropy with { Bins = 256, QuantizedBins = 64 }),
            spec => Assert.Equal(spec, ObserverSpec.FromJson(spec.ToJson())));
}
