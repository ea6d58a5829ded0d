using Caliper.Assembly;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Words;
using Caliper.Testing.Simulator;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Two passes of 8 bits are one of 16.</summary>
public class WordConvolutionTests
{
    public static TheoryData<KernelSet> Sets => new(Enum.GetValues<KernelSet>());

    [Theory, MemberData(nameof(Sets))]
    public void A_convolution_of_words_has_the_bits_of_a_scalar_one_in_64_bits(KernelSet set) => Check(set, depthwise: false);

    [Theory, MemberData(nameof(Sets))]
    public void A_depthwise_convolution_of_words_has_the_bits_of_a_scalar_one_in_64_bits(KernelSet set) => Check(set, depthwise: true);

    [Theory]
    [InlineData(64, 127, true)]
    [InlineData(300, 127, false)]
    [InlineData(2304, -128, false)]
    public void Sums_at_the_end_of_32_bits_are_exact(int inputs, int weight, bool fits)
    {
        // All words far from their zero point, all weights at an end: the largest sum that there is.
        var layer = WordCase.Of(inputs, 21, (sbyte)weight);
        Assert.Equal(fits, WordLayer.SumsFit(layer.Weights));
        var words = Enumerable.Repeat(ushort.MaxValue, 7 * inputs + ConvolutionReach.ReadsAfter).ToArray();
        foreach (var set in Enum.GetValues<KernelSet>())
        {
            using var resources = new KernelResources();
            Assert.Equal(WordCase.Reference(layer, words), WordCase.Run(layer, words, WordConvolutions.Create(layer, resources, set)));
        }
    }

    /// <summary>Tensors of any gaps, the output of any kind, in pieces and whole; and by assembled code also in tiles of any size.</summary>
    private static void Check(KernelSet set, bool depthwise) => WordCase.Any(depthwise).Sample(c =>
    {
        using var resources = new KernelResources();
        var expected = WordCase.Reference(c.Layer, c.Words);
        var kernel = WordConvolutions.Create(c.Layer, resources, set);
        Assert.Equal(expected, WordCase.Run(c.Layer, c.Words, kernel));
        Assert.Equal(expected, WordCase.Run(c.Layer, c.Words, kernel, piecewise: true));
    }, iter: 100);

    [Fact]
    public void Assembled_code_has_the_bits_of_a_scalar_convolution_in_64_bits_on_any_machine() => Gen.Select(
        WordCase.Any(depthwise: false), Gen.Int[1, 4], Gen.Int[1, 28], Gen.Bool).Sample((c, vectors, pixels, ofAnySize) =>
        {
            using var machine = new SimulatedMachine();
            using var resources = new KernelResources { Machine = machine, Core = vectors % 2 == 0 ? CoreKind.Zen : CoreKind.Cove };
            var most = Math.Min(pixels, TilePlan.MaxPixels(vectors, inHalves: false));
            var kernel = ofAnySize ? OnePassConvolution.TryCreate(c.Layer, resources, vectors, most)
                : OnePassConvolution.TryCreate(c.Layer, resources);
            if (kernel is null) return;
            Assert.Equal(WordCase.Reference(c.Layer, c.Words), WordCase.Run(c.Layer, c.Words, kernel, piecewise: pixels % 2 == 0,
                prepare: memory => memory.Allow(machine, resources)));
        }, iter: 150);

    [Fact]
    public void Assembled_code_takes_what_fits_and_leaves_the_rest_to_two_passes()
    {
        using var machine = new SimulatedMachine();
        using var resources = new KernelResources { Machine = machine };
        var (layer, wide) = (WordCase.Of(64, 40), WordCase.Of(300, 40));
        Assert.NotNull(OnePassConvolution.TryCreate(layer, resources));
        Assert.Null(OnePassConvolution.TryCreate(wide, resources));
        var apart = layer with { Epilogue = layer.Epilogue with { Result = WordResult.Words }, LowOutput = layer.LowOutput with { Pixel = 41 } };
        Assert.Null(OnePassConvolution.TryCreate(apart, resources));
    }
}
