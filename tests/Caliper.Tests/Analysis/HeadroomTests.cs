using Caliper.Analysis;
using CsCheck;

namespace Caliper.Tests.Analysis;

public class HeadroomTests
{
    [Fact]
    public void No_input_reaches_beyond_the_greatest_sum_and_some_input_reaches_it() =>
        (from channels in Gen.Int[1, 4]
         from count in Gen.Int[1, 12]
         from weights in Gen.Int[-128, 127].Array[channels * count]
         from bias in Gen.Int[-1000, 1000].Array[channels]
         from lowest in Gen.Int[-128, 0]
         from highest in Gen.Int[0, 255]
         select (channels, count, weights, bias, lowest, highest)).Sample(c =>
        {
            var headroom = Headroom.Of("layer", c.weights, c.channels, c.bias, new float[] { 1 }, c.lowest, c.highest);
            var reached = 0L;
            for (var channel = 0; channel < c.channels; channel++)
            {
                var kernel = c.weights.AsSpan(channel * c.count, c.count);
                long most = c.bias[channel], least = c.bias[channel];
                foreach (var w in kernel)
                {
                    most += w * (w > 0 ? c.highest : c.lowest);
                    least += w * (w > 0 ? c.lowest : c.highest);
                }
                reached = Math.Max(reached, Math.Max(most, -least));
            }
            Assert.Equal(reached, headroom.GreatestSum);
        });

    [Fact]
    public void Dead_channels_do_not_count_for_the_ratio_of_scales()
    {
        var headroom = Headroom.Of("layer", [1, -2, 0, 0, 3, 4], 3, [], [0.5f, 1e-9f, 0.25f], 0, 255);
        Assert.Equal((1, 3, 2.0), (headroom.DeadChannels, headroom.Channels, headroom.ScaleRatio));
    }

    [Theory]
    [InlineData(64, 64, 0)]
    [InlineData(65, 64, 1)]
    [InlineData(-64, -64, 0)]
    [InlineData(-65, -64, 1)]
    [InlineData(127, -128, 0)]
    public void Two_products_saturate_int16_from_where_their_sum_leaves_it(int first, int second, int channels) =>
        Assert.Equal(channels, Headroom.Of("layer", [first, second], 1, [], [1f], 0, 255).PairChannels);

    [Fact]
    public void Bits_to_spare_are_those_above_the_greatest_sum() =>
        Assert.Equal(31 - Math.Log2(127 * 255), Headroom.Of("layer", [127], 1, [], [1f], 0, 255).SpareBits);
}
