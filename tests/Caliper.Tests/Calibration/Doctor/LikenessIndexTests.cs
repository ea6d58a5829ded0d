using Caliper.Calibration;
using Caliper.Calibration.Doctor;
using CsCheck;

namespace Caliper.Tests.Calibration.Doctor;

public class LikenessIndexTests
{
    private static readonly Gen<UInt128> Likeness = Gen.Select(Gen.ULong, Gen.ULong, (high, low) => new UInt128(high, low));

    [Fact]
    public void Images_that_differ_in_7_bits_are_found_wherever_the_bits_are_and_those_that_differ_in_8_are_not() =>
        Gen.Select(Likeness, Gen.Int[0, 127].HashSet[8]).Where((likeness, bits) => IsTelling(likeness, bits)).Sample((likeness, bits) =>
        {
            var seven = bits.Take(7).Aggregate(likeness, (l, bit) => l ^ UInt128.One << bit);
            var eight = bits.Aggregate(likeness, (l, bit) => l ^ UInt128.One << bit);
            Assert.Single(LikenessIndex.Groups([Sample("a", likeness), Sample("b", seven)]));
            Assert.Empty(LikenessIndex.Groups([Sample("a", likeness), Sample("b", eight)]));
        }, iter: 2000);

    [Fact]
    public void Flat_images_and_plain_slopes_are_alike_to_nobody()
    {
        UInt128 few = 0b1011, fewOthers = 0b1101;
        Assert.Empty(LikenessIndex.Groups([Sample("flat", 0), Sample("flat too", 0), Sample("faint", few), Sample("fainter", fewOthers)]));
        Assert.Empty(LikenessIndex.Groups([Sample("slope", ~UInt128.Zero), Sample("slope too", ~UInt128.Zero), Sample("steep", ~few)]));
    }

    [Fact]
    public void Images_alike_in_a_chain_are_one_group_in_the_order_of_their_names()
    {
        var random = new Random(1);
        var first = Random(random);
        var second = first ^ 0b111111;
        var third = second ^ (UInt128)0b111111 << 64;
        var group = Assert.Single(LikenessIndex.Groups([Sample("c", third), Sample("x", Random(random)), Sample("a", first), Sample("b", second)]));
        Assert.Equal(["a", "b", "c"], group.Select(s => s.Name));
    }

    [Fact]
    public void A_hundred_thousand_images_of_which_many_share_their_parts_are_no_matter_of_minutes()
    {
        var random = new Random(2);
        var samples = new List<ObservedSample>();
        for (var i = 0; i < 100_000; i++)
        {
            // A third of them has the same sky.
            var likeness = i % 3 == 0 ? Random(random) & ~(UInt128)ushort.MaxValue | 0x5A5A : Random(random);
            samples.Add(Sample($"{i:D6}", likeness));
        }
        samples.Add(Sample("copy", samples[777].Likeness ^ 0b10101));

        var group = Assert.Single(LikenessIndex.Groups(samples));
        Assert.Equal(["000777", "copy"], group.Select(s => s.Name));
    }

    private static bool IsTelling(UInt128 likeness, IEnumerable<int> changed)
    {
        var ones = (int)UInt128.PopCount(likeness);
        return ones >= LikenessIndex.MinInformation + 8 && ones <= 128 - LikenessIndex.MinInformation - 8 && changed.Count() == 8;
    }

    private static UInt128 Random(Random random) => new((ulong)random.NextInt64(), (ulong)random.NextInt64());

    private static ObservedSample Sample(string name, UInt128 likeness) =>
        new(name, (ulong)name.GetHashCode(StringComparison.Ordinal), likeness, false);
}
