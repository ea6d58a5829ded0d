using Caliper.Analysis.Switching;
using Caliper.Graphs;
using CsCheck;

namespace Caliper.Tests.Analysis.Switching;

public sealed class SpreadSamplesTests
{
    [Fact]
    public void As_many_as_wanted_are_kept_and_lie_evenly() =>
        Gen.Select(Gen.Int[1, 500], Gen.Int[0, 40]).Sample((length, wanted) =>
        {
            var kept = Keep(length, wanted, length);
            Assert.Equal(Math.Min(length, wanted), kept.Length);
            var gaps = kept.Zip(kept.Skip(1), (a, b) => b - a).ToArray();
            if (gaps.Length > 0) Assert.InRange(gaps.Max() - gaps.Min(), 0, 1);
        });

    [Theory]
    [InlineData(10, 4)]
    [InlineData(640, 10)]
    [InlineData(100_000, 32)]
    public void Without_a_number_it_is_a_share_of_the_data(int length, int expected) => Assert.Equal(expected, Keep(length, null, length).Length);

    [Fact]
    public void Of_data_whose_length_nobody_knows_the_first_are_kept() => Assert.Equal([0, 1, 2, 3], Keep(1000, null, null));

    private static float[] Keep(int count, int? wanted, int? length)
    {
        var spread = new SpreadSamples(length, wanted);
        for (var i = 0; i < count; i++) spread.Offer(new KeptSample(new Dictionary<string, Tensor> { [""] = Tensor.Vector((float)i) }, null), 1);
        return [.. spread.Samples.Select(s => s.Inputs[""].Span<float>()[0])];
    }
}
