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

    [Fact]
    public void The_threshold_is_that_of_trying_every_window_bin_by_bin() =>
        Gen.Select(Gen.Int[0, 40].Array[64, 300], Gen.Int[1, 4], Gen.Int[2, 30]).Sample((drawn, emptied, levels) =>
        {
            // Empty bins, as in tails, and a peak.
            var counts = drawn.Select((c, i) => i % emptied != 0 && c < 30 ? 0L : c).ToArray();
            counts = counts[..(counts.Length / 2 * 2)];
            counts[counts.Length / 2] += 1000;
            AssertLeast(counts, levels);
        }, iter: 200);

    [Theory]
    [InlineData(10, 2)]
    [InlineData(140, 3)]
    public void Heavy_tails_that_make_thousands_of_bins_keep_ONNX_Runtimes_threshold(float greatest, int seed)
    {
        var random = new Random(seed);
        float Drawn(float spread) => spread * MathF.Tan(MathF.PI * (random.NextSingle() - 0.5f));
        var batches = new[] { 0.05f, 0.2f, 0.2f }.Select((spread, b) =>
            Enumerable.Range(0, 4000).Select(_ => Math.Clamp(Drawn(spread), -greatest, greatest)).Where(v => b > 0 || Math.Abs(v) < 0.3f).ToArray());
        var (observer, unlimited) = (new OnnxRuntimeEntropyObserver(), new OnnxRuntimeValueHistogram(128, int.MaxValue / 8));
        foreach (var batch in batches)
        {
            observer.Observe(Tensor.Vector(batch));
            unlimited.Add(batch, batch.Min(), batch.Max());
        }
        var counts = unlimited.Counts;
        Assert.InRange(counts.Length, 4000, 1 << 16);
        var (first, end) = OnnxRuntimeEntropySearch.BestWindow(counts, 128);
        var (low, high) = (MathF.Max(unlimited.Edges[first], observer.Mins[0]), MathF.Min(unlimited.Edges[end], observer.Maxs[0]));
        Assert.Equal((low, high), observer.CalculateRange());
        if (counts.Length < 10_000) AssertLeast(counts, 128);
    }

    private static void AssertLeast(long[] counts, int levels)
    {
        var zero = counts.Length / 2;
        var divergences = Enumerable.Range(levels / 2, zero - levels / 2 + 1)
            .Select(half => Divergence(counts, zero - half, Math.Min(zero + half + 1, counts.Length), levels)).ToArray();
        var (first, _) = OnnxRuntimeEntropySearch.BestWindow(counts, levels);
        // Of windows as good as each other, rounding decides.
        Assert.Equal(divergences.Min(), divergences[zero - first - levels / 2], 1e-6 * (1 + divergences.Min()));
    }

    /// <summary>The definition, bin by bin: the window with what lies outside at its ends, against its bins merged and spread again, both
    /// smoothed.</summary>
    private static double Divergence(long[] counts, int first, int end, int levels)
    {
        var p = counts[first..end].Select(c => (double)c).ToArray();
        p[0] += counts[..first].Sum();
        p[^1] += counts[end..].Sum();
        var q = new double[p.Length];
        var merged = p.Length / levels;
        for (var level = 0; level < levels; level++)
        {
            var (from, to) = (level * merged, (level + 1) * merged);
            var sum = counts[(first + from)..(level == levels - 1 ? end : first + to)].Sum();
            var filled = p[from..to].Count(c => c != 0);
            if (filled > 0) Array.Fill(q, Math.Floor((double)sum / filled), from, merged);
        }
        if (q.All(c => c == 0)) return double.PositiveInfinity;
        var (x, y) = (Smooth(p), Smooth(q));
        var (xs, ys) = (x.Sum(), y.Sum());
        return x.Zip(y, (a, b) => a / xs * Math.Log(a / xs / (b / ys))).Sum();
    }

    private static double[] Smooth(double[] counts)
    {
        var zeros = counts.Count(c => c == 0);
        return [.. counts.Select(c => c == 0 ? 1e-4 : c - 1e-4 * zeros / (counts.Length - zeros))];
    }
}
