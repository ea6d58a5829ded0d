using Caliper.Graphs;

namespace Caliper.Runtime.Tests;

public class ShapeTests
{
    [Fact]
    public void A_static_shape_counts_its_elements() => Assert.Equal(3 * 32 * 32, Shape.Of(1, 3, 32, 32).ElementCount);

    [Fact]
    public void A_scalar_has_one_element() => Assert.Equal(1, Shape.Scalar.ElementCount);

    [Fact]
    public void A_shape_prints_its_axes() => Assert.Equal("N×3×?", new Shape([Dimension.Named("N"), 3, Dimension.Unknown]).ToString());

    [Fact]
    public void A_product_that_overflows_is_refused() =>
        Assert.Throws<OverflowException>(() => Shape.Of(long.MaxValue, 2).ElementCount);
}
