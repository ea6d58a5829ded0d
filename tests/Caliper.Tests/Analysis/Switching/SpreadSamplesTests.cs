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

    /// <summary>Whoever passes an iterator gets samples of all of the data, too.</summary>
    [Fact]
    public void Of_data_whose_length_nobody_knows_as_many_are_kept_and_lie_about_evenly() =>
        Gen.Select(Gen.Int[1, 2000], Gen.Int[0, 40]).Sample((length, wanted) =>
        {
            var kept = Keep(length, wanted, null);
            Assert.Equal(Math.Min(length, wanted), kept.Length);
            if (wanted == 0) return;
            // No gap is more than twice as long as it must be, and so is none at the end.
            var longest = kept.Append(length).Zip(kept.Skip(1).Append(length), (a, b) => b - a).Max();
            Assert.InRange(longest, 0, 2.0f * length / wanted + 1);
        });

    [Theory]
    [InlineData(10, 4)]
    [InlineData(640, 10)]
    [InlineData(100_000, 32)]
    public void Of_data_whose_length_nobody_knows_it_is_the_same_share(int length, int expected) =>
        Assert.Equal(expected, Keep(length, null, null).Length);

    private static float[] Keep(int count, int? wanted, int? length)
    {
        var spread = new SpreadSamples(length, wanted);
        for (var i = 0; i < count; i++) spread.Offer(new KeptSample(new Dictionary<string, Tensor> { [""] = Tensor.Vector((float)i) }, null), 1);
        return [.. spread.Samples.Select(s => s.Inputs[""].Span<float>()[0])];
    }
}
