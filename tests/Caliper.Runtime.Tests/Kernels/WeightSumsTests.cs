using Caliper.Kernels.Convolution;

namespace Caliper.Kernels;

public class WeightSumsTests
{
    [Theory]
    [InlineData(0)]
    [InlineData(-128)]
    [InlineData(127)]
    [InlineData(-256)]
    [InlineData(int.MinValue)]
    [InlineData(int.MaxValue)]
    public void Any_length_gives_the_sums_of_each_weight(int zeroPoint)
    {
        var random = new Random(1);
        foreach (var length in new[] { 0, 1, 15, 16, 17, 63, 64, 65, 1000, (1 << 20) + 77 })
        {
            var weights = new sbyte[length];
            for (var i = 0; i < length; i++) weights[i] = (sbyte)random.Next(-128, 128);
            Assert.Equal((weights.Sum(w => (long)w - zeroPoint), weights.Sum(w => Math.Abs((long)w - zeroPoint))), WeightSums.Of(weights, zeroPoint));
        }
    }

    [Theory]
    [InlineData(-128, 127)]
    [InlineData(127, -128)]
    public void The_longest_sums_of_the_greatest_differences_fit(sbyte weight, int zeroPoint)
    {
        var weights = new sbyte[3 << 20];
        Array.Fill(weights, weight);
        Assert.Equal(((long)weights.Length * (weight - zeroPoint), (long)weights.Length * 255), WeightSums.Of(weights, zeroPoint));
    }
}
