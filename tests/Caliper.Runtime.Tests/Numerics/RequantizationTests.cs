using Caliper.Numerics;
using CsCheck;

namespace Caliper.Runtime.Tests.Numerics;

public class RequantizationTests
{
    [Fact]
    public void A_product_is_rounded_half_to_even_and_shifted_by_the_zero_point()
    {
        Assert.Equal(12, Requantization.Requantize(5, 0.5f, 10, QuantizedType.QUInt8));
        Assert.Equal(14, Requantization.Requantize(7, 0.5f, 10, QuantizedType.QUInt8));
    }

    [Fact]
    public void The_output_never_leaves_its_range() => Gen.Select(Gen.Int, Gen.Float[0, 1e10f], Gen.Int[0, 255]).Sample(
        (accumulator, multiplier, zeroPoint) =>
        {
            var q = Requantization.Requantize(accumulator, multiplier, zeroPoint, QuantizedType.QUInt8.WithRange(3, 200));
            Assert.InRange(q, 3, 200);
            // Beyond int32 it still saturates on the right side.
            if (accumulator * (double)multiplier > 1e9) Assert.Equal(200, q);
            if (accumulator * (double)multiplier < -1e9) Assert.Equal(3, q);
        });

    [Fact]
    public void A_bias_has_the_scale_of_the_products() => Assert.Equal(200, Requantization.QuantizeBias(1f, 0.5f, 0.01f));

    [Fact]
    public void A_bias_beyond_32_bits_saturates() =>
        Assert.Equal(int.MinValue, Requantization.QuantizeBias(-1e20f, 1e-7f, 1e-7f));
}
