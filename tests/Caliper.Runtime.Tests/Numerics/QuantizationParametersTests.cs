using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Runtime.Tests.Numerics;

public class QuantizationParametersTests
{
    [Fact]
    public void Parameters_with_the_same_numbers_are_equal()
    {
        var one = QuantizationParameters.PerChannel(QuantizedType.QInt8, [1, 2], [0, 0], 0);
        var two = QuantizationParameters.PerChannel(QuantizedType.QInt8, [1, 2], [0, 0], 0);
        Assert.Equal(one, two);
        Assert.Equal(one.GetHashCode(), two.GetHashCode());
        Assert.NotEqual(one, QuantizationParameters.PerChannel(QuantizedType.QInt8, [1, 2], [0, 0], 1));
        Assert.NotEqual(one, QuantizationParameters.PerChannel(QuantizedType.QInt8.WithRange(-127, 127), [1, 2], [0, 0], 0));
    }

    [Fact]
    public void The_real_range_is_that_of_the_outermost_integers()
    {
        var parameters = QuantizationParameters.PerTensor(QuantizedType.QUInt8, 0.5f, 10);
        Assert.Equal((-5f, 122.5f), (parameters.RangeMin, parameters.RangeMax));
    }

    [Theory]
    [InlineData(0f), InlineData(-1f), InlineData(float.NaN), InlineData(float.PositiveInfinity)]
    public void A_scale_that_is_not_finite_and_above_zero_is_refused(float scale) =>
        Assert.Throws<CaliperException>(() => QuantizationParameters.PerTensor(QuantizedType.QInt8, scale, 0));

    [Fact]
    public void A_zero_point_that_the_storage_cannot_hold_is_refused() =>
        Assert.Throws<CaliperException>(() => QuantizationParameters.PerTensor(QuantizedType.QInt8, 1, 128));

    [Fact]
    public void As_many_scales_as_zero_points_are_needed() =>
        Assert.Throws<CaliperException>(() => QuantizationParameters.PerChannel(QuantizedType.QInt8, [1, 2], [0], 0));

    [Fact]
    public void A_scale_of_the_whole_tensor_is_not_to_be_had_from_channels() =>
        Assert.Throws<CaliperException>(() => QuantizationParameters.PerChannel(QuantizedType.QInt8, [1], [0], 0).Scale);

    [Fact]
    public void A_reduced_type_has_one_bit_less()
    {
        Assert.Equal((0, 127), (QuantizedType.QUInt8.Reduced().Min, QuantizedType.QUInt8.Reduced().Max));
        Assert.Equal((-64, 63), (QuantizedType.QInt8.Reduced().Min, QuantizedType.QInt8.Reduced().Max));
        Assert.Equal(128, QuantizedType.QInt8.Reduced().Levels);
        Assert.Equal(1L << 32, QuantizedType.QInt32.Levels);
    }

    [Fact]
    public void A_range_that_is_empty_or_does_not_fit_is_refused()
    {
        Assert.Throws<CaliperException>(() => QuantizedType.QUInt8.WithRange(5, 5));
        Assert.Throws<CaliperException>(() => QuantizedType.QUInt8.WithRange(-1, 5));
        Assert.Throws<CaliperException>(() => QuantizedType.Of(ElementType.Float32));
    }
}
