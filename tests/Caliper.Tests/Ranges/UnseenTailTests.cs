using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Tests.Ranges;

/// <summary>Room for what other data will reach: as much as it is worth.</summary>
public sealed class UnseenTailTests
{
    private static readonly RangeMethod Method = new SqnrRange { SaturationWeight = 1.5 };

    [Theory]
    [InlineData(8, 3)]
    [InlineData(32, 4)]
    [InlineData(32, 64)]
    [InlineData(128, 10)]
    public void Of_few_values_a_sample_less_is_lost_of_other_data(int samples, int values)
    {
        double seen = 0, widened = 0;
        for (var seed = 0; seed < 40; seed++)
        {
            var random = new Random(seed);
            var statistics = StatisticsOf(samples, _ => Normal(random, values));
            var others = Normal(random, 5000);
            seen += Error(RangeMethod.MinMax.Choose(statistics, QuantizedType.QUInt8, false), others);
            widened += Error(Method.Choose(statistics, QuantizedType.QUInt8, false), others);
        }
        Assert.InRange(widened / seen, 0, 0.75);
    }

    [Fact]
    public void Of_many_values_a_sample_nothing_beyond_what_was_seen_is_worth_its_steps()
    {
        var random = new Random(1);
        var statistics = StatisticsOf(32, _ => Normal(random, 20_000));
        var (min, max) = Method.Choose(statistics, QuantizedType.QUInt8, false);
        Assert.InRange(min, statistics.Min, 0);
        Assert.InRange(max, 0, statistics.Max);
    }

    [Fact]
    public void An_end_that_many_samples_reach_is_the_end()
    {
        var random = new Random(2);
        var statistics = StatisticsOf(32, _ => [.. Normal(random, 6).Select(x => Math.Clamp(x * 4, 0, 6))]);
        var (min, max) = Method.Choose(statistics, QuantizedType.QUInt8, false);
        Assert.Equal(0, min);
        Assert.Equal(6, max, 0.05);
    }

    [Fact]
    public void A_tensor_of_one_sign_gets_no_room_beyond_zero()
    {
        var random = new Random(3);
        var statistics = StatisticsOf(16, _ => [.. Normal(random, 4).Select(x => 3 + Math.Abs(x))]);
        var (min, max) = Method.Choose(statistics, QuantizedType.QUInt8, false);
        Assert.Equal(0, min);
        Assert.True(max > statistics.Max);
    }

    [Fact]
    public void Both_ends_of_a_symmetric_range_have_the_scale_that_the_further_one_needs()
    {
        var random = new Random(4);
        var statistics = StatisticsOf(16, _ => Normal(random, 4));
        Assert.True(Method.Choose(statistics, QuantizedType.QInt8, true).Max > statistics.Max * 1.02);
    }

    [Theory]
    [InlineData(1)]
    [InlineData(3)]
    public void Few_samples_tell_nothing_of_others(int samples)
    {
        var random = new Random(5);
        var statistics = StatisticsOf(samples, _ => Normal(random, 4));
        var (min, max) = Method.Choose(statistics, QuantizedType.QUInt8, false);
        Assert.InRange(min, statistics.Min * 1.05f, 0);
        Assert.InRange(max, 0, statistics.Max * 1.05f);
    }

    private static TensorStatistics StatisticsOf(int samples, Func<int, float[]> values)
    {
        var statistics = new TensorStatistics();
        for (var i = 0; i < samples; i++)
        {
            var sample = values(i);
            statistics.Observe(new SampleScan(), sample, new ChannelLayout(1, 1, sample.Length), $"#{i}");
        }
        return statistics;
    }

    private static float[] Normal(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ =>
        (float)(Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble())))];

    private static double Error(RealRange range, float[] values)
    {
        var scale = (double)(range.Max - range.Min) / 255;
        return values.Sum(x => Math.Pow(Math.Clamp(Math.Round(x / scale), range.Min / scale, range.Max / scale) * scale - x, 2));
    }
}
