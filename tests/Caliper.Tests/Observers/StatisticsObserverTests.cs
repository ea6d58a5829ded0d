using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using Caliper.Statistics;
using CsCheck;

namespace Caliper.Tests.Observers;

public class StatisticsObserverTests
{
    [Fact]
    public void Each_slice_of_the_first_axis_is_a_sample()
    {
        var observer = new StatisticsObserver();
        observer.Observe([1, 2, 3, 4, 5, 6, 7, 8], Shape.Of(2, 2, 2));
        observer.Observe([-1, 0, 0, 9], Shape.Of(1, 2, 2));
        Assert.Equal(3, observer.Statistics.Samples);
        Assert.Equal((9, "#2"), (observer.Statistics.Greatest[0].Value, observer.Statistics.Greatest[0].Sample));
        Assert.Equal((8, "#1"), (observer.Statistics.Greatest[1].Value, observer.Statistics.Greatest[1].Sample));
        Assert.Equal([7, 9], observer.Statistics.Channels.Select(c => c.Max));
        Assert.Equal(2, observer.BatchCount);
    }

    [Fact]
    public void Channels_whose_number_changes_are_not_told_apart()
    {
        var observer = new StatisticsObserver();
        observer.Observe([1, 2, 3, 4], Shape.Of(1, 2, 2));
        observer.Observe([5, 6, 7, 8, 9, 10], Shape.Of(1, 2, 3));
        observer.Observe([11, 12], Shape.Of(1, 2));
        var channel = Assert.Single(observer.Statistics.Channels);
        Assert.Equal((12L, 1f, 12f, 6.5), (channel.Count, channel.Min, channel.Max, channel.Mean));
    }

    [Fact]
    public void A_vector_is_one_sample()
    {
        var observer = new StatisticsObserver();
        observer.Observe(Tensor.Vector([1f, -2, 3]));
        Assert.Equal((1, 3), (observer.Statistics.Samples, observer.Statistics.Count));
        Assert.Equal((-2, 3), (observer.Mins[0], observer.Maxs[0]));
    }

    [Fact]
    public void Parameters_do_not_depend_on_the_size_or_order_of_batches() =>
        Gen.Float[-9, 9].Array[24].Sample(values =>
        {
            var (one, other) = (new StatisticsObserver(), new StatisticsObserver());
            one.Observe(values, Shape.Of(6, 4));
            other.Observe(values.AsSpan(16), Shape.Of(2, 4));
            other.Observe(values.AsSpan(0, 16), Shape.Of(4, 4));
            Assert.Equal(one.CalculateQParams(), other.CalculateQParams());
        }, iter: 50);

    [Fact]
    public void Parameters_follow_what_is_observed_later()
    {
        var observer = ObserverSpec.Statistics(RangeMethod.MinMax).Create();
        observer.Observe(Tensor.Vector([0f, 1]));
        Assert.Equal(1f / 255, observer.CalculateQParams().Scale);
        observer.Observe(Tensor.Vector([0f, 8]));
        Assert.Equal(8f / 255, observer.CalculateQParams().Scale);
        observer.Reset();
        Assert.False(observer.HasObserved);
        Assert.Throws<CaliperException>(observer.CalculateQParams);
    }

    [Fact]
    public void The_method_of_the_spec_chooses_the_range()
    {
        float[] values = [.. Enumerable.Range(0, 10_000).Select(i => MathF.Sin(i)), 50];
        var scales = RangeMethod.All.Select(method =>
        {
            var observer = ObserverSpec.Statistics(method).Create();
            observer.Observe(Tensor.Vector(values));
            return observer.CalculateQParams().Scale;
        }).ToArray();
        Assert.Equal(51f / 255, scales[0], 1e-4f);
        Assert.True(scales[RangeMethod.All.IndexOf(RangeMethod.Mse)] <= scales[0]);
        Assert.True(scales.Distinct().Count() > 2);
    }

    [Fact]
    public void Values_that_are_not_finite_are_skipped_and_counted()
    {
        var observer = new StatisticsObserver();
        observer.Observe([1, float.NaN, float.PositiveInfinity, 2], Shape.Of(2, 2));
        Assert.Equal((1, 1, 0), (observer.NaNCount, observer.PositiveInfinityCount, observer.NegativeInfinityCount));
        Assert.Equal(2, observer.Statistics.Count);
    }

    [Fact]
    public void Statistics_that_were_collected_elsewhere_take_the_place_of_its_own()
    {
        var observer = new StatisticsObserver(ObserverSpec.Statistics(RangeMethod.MinMax));
        observer.Observe(Tensor.Vector([100f, 200]));
        Assert.True(observer.TryLoad(TensorStatistics.Of([float.NaN, 0, 2.55f]), null));
        Assert.Equal(0.01f, observer.CalculateQParams().Scale, 1e-6f);
        Assert.Equal((1, 0), (observer.NaNCount, observer.BatchCount));
    }

    [Fact]
    public void A_spec_with_a_method_survives_its_JSON_form()
    {
        foreach (var method in RangeMethod.All.Append(new PercentileRange { Percent = 99.5 }))
        {
            var spec = ObserverSpec.Statistics(method) with { ReduceRange = true };
            Assert.Equal(spec, ObserverSpec.FromJson(spec.ToJson()));
        }
        Assert.Equal(
            """{"observer":"StatisticsObserver","dtype":"quint8","qscheme":"per_tensor_affine","method":"mse"}""",
            ObserverSpec.Statistics(RangeMethod.Mse).ToJson());
        Assert.Equal(ObserverSpec.Statistics(RangeMethod.Mse), ObserverSpec.FromJson("""{"observer":"StatisticsObserver"}"""));
    }

    [Theory]
    [InlineData("""{"observer":"StatisticsObserver","method":"best"}""", "\"method\": \"best\" is no range method; there are minmax")]
    [InlineData("""{"observer":"StatisticsObserver","method":2}""", "must be text")]
    [InlineData("""{"observer":"StatisticsObserver","dtype":"qint32"}""", "use MinMaxObserver")]
    [InlineData("""{"observer":"StatisticsObserver","qscheme":"per_channel_affine"}""", "use a PerChannelMinMaxObserver")]
    [InlineData("""{"observer":"MinMaxObserver","method":"mse"}""", "\"method\" is not known here")]
    public void A_wrong_spec_is_refused_with_the_reason(string json, string reason) =>
        Assert.Contains(reason, Assert.Throws<CaliperException>(() => ObserverSpec.FromJson(json)).Message, StringComparison.Ordinal);

    [Fact]
    public void It_prints_its_method_and_its_parameters()
    {
        var observer = ObserverSpec.Statistics(new PercentileRange { Percent = 100 }).Create();
        Assert.Equal("StatisticsObserver(method=percentile(100), min_val=inf, max_val=-inf)", observer.ToString());
        observer.Observe(Tensor.Vector([0f, 255]));
        Assert.Equal("StatisticsObserver(method=percentile(100), min_val=0.0000, max_val=255.0000, scale=1.0000, zero_point=0)", observer.ToString());
        Assert.Equal(QuantizationParameters.PerTensor(QuantizedType.QUInt8, 1, 0), observer.CalculateQParams());
    }
}
