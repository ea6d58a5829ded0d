using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Statistics;
using Caliper.Testing;

namespace Caliper.Tests.Ranges;

public class OtherMethodsTests
{
    private static readonly QuantizedType U8 = QuantizedType.QUInt8;

    [Fact]
    public void A_percentile_cuts_off_the_share_it_says()
    {
        var values = Distributions.Draw("normal", 100_000);
        var statistics = TensorStatistics.Of(values);
        var method = new PercentileRange { Percent = 99 };
        var (min, max) = method.Choose(statistics, U8, symmetric: false);
        Assert.InRange(values.Count(v => v < min), 480, 520);
        Assert.InRange(values.Count(v => v > max), 480, 520);
        (min, max) = method.Choose(statistics, QuantizedType.QInt8, symmetric: true);
        Assert.InRange(values.Count(v => MathF.Abs(v) > max), 970, 1030);
        Assert.Equal(-min, max);
    }

    [Fact]
    public void All_percent_is_everything()
    {
        var statistics = TensorStatistics.Of([-2, 0, 5]);
        Assert.Equal((-2, 5), new PercentileRange { Percent = 100 }.Choose(statistics, U8, symmetric: false));
        Assert.Equal((-5, 5), new PercentileRange { Percent = 100 }.Choose(statistics, QuantizedType.QInt8, symmetric: true));
    }

    [Fact]
    public void Mean_extremes_are_the_means_of_the_samples()
    {
        var statistics = TensorStatistics.Merge(TensorStatistics.Of([-1, 2]), TensorStatistics.Of([-3, 10]));
        Assert.Equal((-2, 6), RangeMethod.MeanExtremes.Choose(statistics, U8, symmetric: false));
    }

    [Theory]
    [InlineData("normal")]
    [InlineData("ReLU(normal)")]
    [InlineData("Laplace")]
    [InlineData("exponential")]
    public void Entropy_cuts_off_tails_and_not_the_body(string distribution)
    {
        var values = Distributions.Draw(distribution, 100_000);
        foreach (var symmetric in (bool[])[false, true])
        {
            var (min, max) = RangeMethod.Entropy.Choose(TensorStatistics.Of(values), symmetric ? QuantizedType.QInt8 : U8, symmetric);
            Assert.InRange(values.Count(v => v < min || v > max), 0, 1000);
            Assert.InRange(MseRangeTests.Measure(RangeMethod.Entropy, values, symmetric ? QuantizedType.QInt8 : U8, symmetric), 30, 60);
        }
    }

    [Fact]
    public void Entropy_gives_up_a_value_far_out()
    {
        var values = Distributions.Draw("normal", 100_000);
        values[5] = 100;
        var (_, max) = RangeMethod.Entropy.Choose(TensorStatistics.Of(values), QuantizedType.QInt8, symmetric: true);
        Assert.InRange(max, 2.5f, 25);
    }

    [Fact]
    public void A_higher_power_cuts_off_less()
    {
        var statistics = TensorStatistics.Of(Distributions.Draw("Laplace", 100_000));
        var ends = new[] { 1.5, 2, 2.4, 4 }.Select(p => new LpRange { Power = p }.Choose(statistics, QuantizedType.QInt8, symmetric: true).Max)
            .ToArray();
        Assert.Equal(ends.Order(), ends);
        Assert.True(ends[0] < 0.8f * ends[^1]);
    }

    [Fact]
    public void The_power_two_is_the_mean_squared_error()
    {
        foreach (var distribution in Distributions.Names)
        {
            var values = Distributions.Draw(distribution, 20_000);
            var (mse, lp) = (MseRangeTests.Measure(RangeMethod.Mse, values, U8, false),
                MseRangeTests.Measure(new LpRange { Power = 2 }, values, U8, false));
            Assert.InRange(lp, mse - Tolerances.BestRangeDecibels, mse + Tolerances.BestRangeDecibels);
        }
    }

    [Fact]
    public void An_lp_range_has_about_the_least_error_of_its_power()
    {
        var values = Distributions.Draw("Laplace", 20_000);
        var statistics = TensorStatistics.Of(values);
        var chosen = Error(RangeMethod.Lp.Choose(statistics, QuantizedType.QInt8, symmetric: true).Max);
        var least = Enumerable.Range(1, 100).Min(i => Error(statistics.Max * i / 100));
        Assert.InRange(chosen, 0, 1.02 * least);

        double Error(float max)
        {
            var quantized = new float[values.Length];
            Quantizer.FakeQuantize(values, quantized, MseRangeTests.Parameters(QuantizedType.QInt8, true, -max, max));
            return values.Zip(quantized, (x, y) => Math.Pow(Math.Abs((double)x - y), 2.4)).Sum();
        }
    }

    [Fact]
    public void Saturation_that_counts_more_is_avoided_more()
    {
        var statistics = TensorStatistics.Of(Distributions.Draw("Laplace", 100_000));
        float End(double weight) => new SqnrRange { SaturationWeight = weight }.Choose(statistics, QuantizedType.QInt8, symmetric: true).Max;
        Assert.True(End(1) < End(3) && End(3) < End(100));
        Assert.Equal(RangeMethod.Mse.Choose(statistics, QuantizedType.QInt8, symmetric: true).Max, End(1));
    }

    [Fact]
    public void Auto_takes_the_simplest_of_the_good()
    {
        var auto = (AutoRange)RangeMethod.Auto;
        var uniform = TensorStatistics.Of([.. Enumerable.Range(0, 50_000).Select(i => i / 50_000f)]);
        Assert.Equal(RangeMethod.MinMax, auto.MethodFor(uniform, U8, symmetric: false));
        var tails = TensorStatistics.Of(Distributions.Draw("Laplace", 100_000));
        Assert.Equal(RangeMethod.Mse, auto.MethodFor(tails, U8, symmetric: false));
        Assert.Equal(RangeMethod.Mse.Choose(tails, U8, symmetric: false), auto.Choose(tails, U8, symmetric: false));
    }
}
