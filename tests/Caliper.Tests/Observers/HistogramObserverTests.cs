using System.Numerics;
using Caliper.Graphs;
using Caliper.Observers;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Observers;

public class HistogramObserverTests
{
    /// <summary>Every length from none to four vectors and one element.</summary>
    public static TheoryData<int> Lengths() => [.. Enumerable.Range(0, (4 * Vector<float>.Count) + 2)];

    [Theory, MemberData(nameof(Lengths))]
    public void Vectors_count_exactly_as_the_reference_and_read_nothing_else(int length) =>
        Gen.Select(Gen.Float[-3, 9].Array[length], Gen.Int[2, 300]).Sample((values, bins) =>
        {
            using var memory = GuardedMemory<float>.Of(values);
            var (expected, actual) = (new float[bins], new float[bins]);
            HistogramBinning.Reference(values, -3, 9, expected);
            HistogramBinning.Count(memory.Span, -3, 9, actual, allFinite: true);
            Assert.Equal(expected, actual);
        }, iter: 20);

    [Fact]
    public void No_value_is_lost_however_the_range_grows() =>
        Gen.Float[-1000, 1000].Array[1, 64].Array[1, 6].Sample(batches =>
        {
            var observer = new HistogramObserver();
            foreach (var batch in batches) observer.Observe(batch, Shape.Of(batch.Length));
            var expected = batches.Sum(batch => batch.Length);
            Assert.Equal(expected, observer.Counts.ToArray().Sum(count => (double)count), expected * Tolerances.HistogramMass);
        });

    [Fact]
    public void Data_a_power_of_two_larger_has_a_scale_a_power_of_two_larger_even_where_cubes_overflow() =>
        Gen.Select(Gen.Float[-3, 5].Array[1, 500].Array[1, 4], Gen.Int[0, 100]).Sample((batches, exponent) =>
        {
            var (small, large) = (new HistogramObserver(), new HistogramObserver());
            foreach (var batch in batches)
            {
                small.Observe(batch, Shape.Of(batch.Length));
                large.Observe([.. batch.Select(value => MathF.ScaleB(value, exponent))], Shape.Of(batch.Length));
            }
            var (expected, actual) = (small.CalculateQParams(), large.CalculateQParams());
            // The least scale is the same for both.
            if (expected.Scale == ObserverSpec.DefaultEps) return;
            Assert.Equal(MathF.ScaleB(expected.Scale, exponent), actual.Scale);
            Assert.Equal(expected.ZeroPoint, actual.ZeroPoint);
        }, iter: 50);

    [Fact]
    public void An_outlier_that_costs_less_to_clip_than_to_keep_is_clipped()
    {
        // Kept, it coarsens a million roundings, whose squares add up to 15; clipped, it costs its own square, 4.
        var values = Enumerable.Range(0, 1_000_000).Select(i => MathF.Sin(i)).Append(3f).ToArray();
        var (histogram, extremes) = (new HistogramObserver(), new MinMaxObserver());
        foreach (var observer in new Observer[] { histogram, extremes }) observer.Observe(values, Shape.Of(values.Length));
        Assert.Equal(3f, histogram.Maxs[0]);
        Assert.InRange(histogram.CalculateQParams().RangeMax, 0.99f, 1.1f);
        Assert.InRange(extremes.CalculateQParams().RangeMax, 2.9f, 3.1f);
    }

    [Fact]
    public void The_widest_floats_are_counted_and_quantized()
    {
        var observer = new HistogramObserver();
        observer.Observe([-float.MaxValue, 0, float.MaxValue], Shape.Of(3));
        observer.Observe([1, 2, 3], Shape.Of(3));
        Assert.Equal(6, observer.Counts.ToArray().Sum());
        Assert.InRange(observer.CalculateQParams().Scale, 2.6e36f, 2.7e36f);
    }

    [Fact]
    public void Parameters_follow_what_is_observed_later()
    {
        var observer = new HistogramObserver();
        observer.Observe([0, 1], Shape.Of(2));
        var before = observer.CalculateQParams();
        observer.Observe([0, 8], Shape.Of(2));
        Assert.True(observer.CalculateQParams().Scale > before.Scale);
    }

    [Fact]
    public void It_prints_as_in_PyTorch_with_its_parameters()
    {
        var observer = new HistogramObserver();
        observer.Observe([0, 255], Shape.Of(2));
        Assert.Equal("HistogramObserver(min_val=0.0000, max_val=255.0000, scale=0.9995, zero_point=0)", observer.ToString());
    }
}
