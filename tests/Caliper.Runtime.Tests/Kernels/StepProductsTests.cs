using Caliper.Engine.Values;
using Caliper.Kernels.Dense;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Products with a reciprocal round as the division does, or are not taken.</summary>
public unsafe class StepProductsTests
{
    private const int Vector = 64;

    [Fact]
    public void Numbers_beside_every_change_and_any_others_have_the_word_that_the_division_gives() =>
        Gen.Select(Gen.Float[1e-7f, 1e3f], Gen.UShort, Gen.Int).Sample((step, zero, seed) =>
        {
            var (scale, steps, random) = (new WordScale(step, zero), new StepProducts(step, zero, ushort.MaxValue), new Random(seed));
            if (!steps.AreExact) return;
            for (var times = 0; times < 100; times++)
            {
                // Halves of steps, the floats around them, and any numbers at all.
                float[] numbers = [.. Enumerable.Range(0, Vector).Select(i => BitConverter.Int32BitsToSingle(i % 4 == 0 ? random.Next() * 2
                    : BitConverter.SingleToInt32Bits((random.Next(-70_000, 70_000) + 0.5f) * step) + random.Next(-4, 5)))];
                Assert.Equal(numbers.Select(scale.Quantize), WordsOf(numbers, steps));
            }
        }, iter: 100);

    [Fact]
    public void Infinities_and_what_is_no_number_are_cut_off()
    {
        // A power of two has a reciprocal that lacks nothing.
        foreach (var step in new[] { 0.25f, 0.3f })
        {
            float[] ends = [float.NegativeInfinity, float.PositiveInfinity, float.NaN, -0f, float.Epsilon, -float.Epsilon, .. new float[Vector - 6]];
            Assert.Equal([0, 65535, 0, .. Enumerable.Repeat((ushort)30_000, Vector - 3)], WordsOf(ends, new(step, 30_000, ushort.MaxValue)));
        }
    }

    [Fact]
    public void Scales_of_words_that_a_product_rounds_otherwise_somewhere_are_rare_and_of_bytes_there_are_none()
    {
        var random = new Random(1);
        var steps = Enumerable.Range(0, 1000).Select(_ => MathF.ScaleB(1 + random.NextSingle(), random.Next(-20, 1))).ToArray();
        Assert.InRange(steps.Count(s => !new StepProducts(s, 32768, ushort.MaxValue).AreExact), 0, 5);
        Assert.All(steps, s => Assert.True(new StepProducts(s, 128, byte.MaxValue).AreExact));
        // One of a few that were found among 20,000.
        Assert.False(new StepProducts(BitConverter.UInt32BitsToSingle(0x3E6C_0FFE), 32768, ushort.MaxValue).AreExact);
    }

    [Theory]
    [InlineData(0f), InlineData(1e-30f), InlineData(float.Epsilon), InlineData(1e30f), InlineData(float.PositiveInfinity), InlineData(float.NaN)]
    public void Steps_far_from_any_that_calibration_finds_are_divided_by(float step) => Assert.False(new StepProducts(step, 0, 255).AreExact);

    private static IEnumerable<ushort> WordsOf(float[] numbers, StepProducts steps)
    {
        var quotients = new float[numbers.Length];
        fixed (float* from = numbers, to = quotients)
            for (var i = 0; i < numbers.Length; i += NativeLanes.Count)
                NativeLanes.Store(NativeLanes.Round(steps.Of(NativeLanes.Load(from + i))), to + i);
        return quotients.Select(q => q + steps.ZeroPoint is var word && word > 0 ? (ushort)Math.Min(word, steps.Greatest) : (ushort)0);
    }
}
