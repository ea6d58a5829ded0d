using Caliper.Recovery;
using Caliper.Testing;

namespace Caliper.Tests.Recovery;

public sealed class ProductSumsTests
{
    [Fact]
    public void A_triangle_holds_the_products_of_all_pairs()
    {
        const int rows = 21, stride = 24;
        for (var length = 1; length <= 19; length++)
        {
            var random = new Random(length);
            float[] columns = [.. Enumerable.Range(0, length * stride).Select(_ => random.NextSingle() - 0.5f)];
            var sums = new float[ProductSums.SizeOf(length)];
            ProductSums.Add(columns, stride, rows, sums, length);
            ProductSums.Add(columns, stride, rows, sums, length);
            for (var i = 0; i < length; i++)
            {
                for (var j = 0; j <= i; j++)
                {
                    var expected = 2 * Enumerable.Range(0, rows).Sum(r => (double)columns[i * stride + r] * columns[j * stride + r]);
                    Assert.Equal(expected, sums[ProductSums.StartOf(i) + j], Tolerances.FloatSums);
                }
            }
        }
    }

    [Fact]
    public void A_triangle_takes_little_more_than_half_of_its_square() =>
        Assert.InRange(ProductSums.SizeOf(LayerMoments.LongestBlock), 0, 0.51 * LayerMoments.LongestBlock * LayerMoments.LongestBlock);
}
