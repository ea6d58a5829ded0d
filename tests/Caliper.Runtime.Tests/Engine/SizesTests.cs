using Caliper.Engine.Values;
using CsCheck;

namespace Caliper.Runtime.Tests.Engine;

public class SizesTests
{
    [Theory]
    [InlineData(new[] { 6, 4 }, new[] { 2, 12 }, new[] { 2, 3, 4 })]
    [InlineData(new[] { 2, 3, 4 }, new[] { 24 }, new[] { 2, 3, 4 })]
    [InlineData(new[] { 1, 8, 1 }, new[] { 2, 1, 4 }, new[] { 2, 4 })]
    [InlineData(new[] { 4, 6 }, new[] { 6, 4 }, null)]
    [InlineData(new[] { 1, 1 }, new[] { 1 }, new int[0])]
    public void Axes_of_which_both_shapes_are_joined(int[] one, int[] other, int[]? common) =>
        Assert.Equal(common, Sizes.CommonAxes(one, other));

    [Fact]
    public void Joining_common_axes_gives_either_shape_back() => (
        from axes in Gen.Int[1, 5].Array[1, 6]
        from cuts in Gen.Bool.Array[12]
        select (axes, cuts)).Sample(c =>
        {
            int[] Joined(int from)
            {
                List<int> shape = [c.axes[0]];
                for (var i = 1; i < c.axes.Length; i++)
                    if (c.cuts[from + i]) shape.Add(c.axes[i]);
                    else shape[^1] *= c.axes[i];
                return [.. shape];
            }
            var (one, other) = (Joined(0), Joined(6));
            var common = Sizes.CommonAxes(one, other)!;
            foreach (var shape in new[] { one, other })
            {
                var at = 0;
                foreach (var length in shape)
                {
                    var product = 1;
                    while (product < length) product *= common[at++];
                    Assert.Equal(length, product);
                }
                Assert.Equal(common.Length, at);
            }
        });
}
