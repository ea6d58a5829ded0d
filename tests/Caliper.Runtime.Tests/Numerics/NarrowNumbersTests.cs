using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Runtime.Tests.Numerics;

public class NarrowNumbersTests
{
    [Theory]
    [InlineData(ElementType.Float8E4M3FN, 0x7E, 448)]
    [InlineData(ElementType.Float8E4M3FN, 0x01, 0.001953125)] // 2⁻⁹
    [InlineData(ElementType.Float8E4M3FN, 0xB8, -1)]
    [InlineData(ElementType.Float8E4M3FN, 0x7F, double.NaN)]
    [InlineData(ElementType.Float8E4M3FNUZ, 0x7F, 240)]
    [InlineData(ElementType.Float8E4M3FNUZ, 0x80, double.NaN)]
    [InlineData(ElementType.Float8E4M3FNUZ, 0x40, 1)]
    [InlineData(ElementType.Float8E5M2, 0x7B, 57344)]
    [InlineData(ElementType.Float8E5M2, 0x7C, double.PositiveInfinity)]
    [InlineData(ElementType.Float8E5M2, 0x3C, 1)]
    [InlineData(ElementType.Float8E5M2FNUZ, 0x7F, 57344)]
    [InlineData(ElementType.Float8E5M2FNUZ, 0x40, 1)]
    [InlineData(ElementType.Float8E8M0, 127, 1)]
    [InlineData(ElementType.Float8E8M0, 0, 5.877471754111438e-39)] // 2⁻¹²⁷
    [InlineData(ElementType.Float8E8M0, 255, double.NaN)]
    [InlineData(ElementType.Int8, 0xFF, -1)]
    [InlineData(ElementType.UInt8, 0xFF, 255)]
    public void A_byte_stands_for_the_number_of_its_format(ElementType type, int bits, double expected) =>
        Assert.Equal([expected], NarrowNumbers.Of(new Tensor(type, Shape.Of(1), new[] { (byte)bits })));

    [Fact]
    public void Elements_of_less_than_a_byte_begin_with_the_lowest_bits()
    {
        Assert.Equal([1, -2, 0, -1], NarrowNumbers.Of(new Tensor(ElementType.Int2, Shape.Of(4), new byte[] { 0b11_00_10_01 })));
        Assert.Equal([1, 2, 0, 3], NarrowNumbers.Of(new Tensor(ElementType.UInt2, Shape.Of(4), new byte[] { 0b11_00_10_01 })));
        Assert.Equal([-7, 5, -8], NarrowNumbers.Of(new Tensor(ElementType.Int4, Shape.Of(3), new byte[] { 0x59, 0x08 })));
        Assert.Equal([6, -0.5, 1.5], NarrowNumbers.Of(new Tensor(ElementType.Float4E2M1, Shape.Of(3), new byte[] { 0x97, 0x03 })));
    }
}
