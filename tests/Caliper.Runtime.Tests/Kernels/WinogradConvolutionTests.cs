using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Vectors;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Fewer products, the same bits.</summary>
public class WinogradConvolutionTests
{
    private static readonly string? WhyNot = VectorConvolutions.Avx2.WhyNot();

    [Fact]
    public void Sixteen_products_give_the_sums_of_thirty_six()
    {
        Assert.SkipWhen(WhyNot is not null, $"avx2: {WhyNot}");
        Layers.OfWinograd.Sample((layer, seed) =>
        {
            using var tensors = new ConvolutionCase(layer, seed, readsAhead: true);
            using var resources = new KernelResources();
            var kernel = WinogradConvolution.TryCreate("avx2", layer, resources);
            Assert.NotNull(kernel);
            var expected = tensors.Run(ScalarConvolution.Entry.Run(layer, resources)!);
            Assert.Equal(expected, tensors.Run(kernel));
            Assert.Equal(expected, tensors.Run(kernel, ConvolutionCase.Piecewise));
        }, iter: 60);
    }

    [Theory]
    [InlineData(127)]
    [InlineData(-128)]
    public void Sums_at_the_end_of_what_fits_are_exact(int weight)
    {
        Assert.SkipWhen(WhyNot is not null, $"avx2: {WhyNot}");
        // The most channels whose sums of products, four times, fit 32 bits, all weights and inputs at an end.
        var most = int.MaxValue / 4 / byte.MaxValue / (9 * Math.Abs(weight));
        using var resources = new KernelResources();
        foreach (var (inputs, fits) in new[] { (most, true), (most + 1, false) })
        {
            var layer = Layers.OfOnes(inputs, (sbyte)weight);
            Assert.Equal(fits, WinogradConvolution.TryCreate("avx2", layer, resources) is not null);
            if (!fits) continue;
            using var tensors = new ConvolutionCase(layer, seed: 1, readsAhead: true);
            tensors.Inputs.Fill(byte.MaxValue);
            Check();
            for (var i = 0; i < tensors.Inputs.Length; i++) tensors.Inputs[i] = (byte)(tensors.Inputs[i] * ((i / inputs + i % 7) & 1));
            Check();

            void Check() => Assert.Equal(tensors.Run(ScalarConvolution.Entry.Run(layer, resources)!),
                tensors.Run(WinogradConvolution.TryCreate("avx2", layer, resources)!));
        }
    }

    [Fact]
    public void Other_windows_and_mostly_empty_tiles_are_left_to_others()
    {
        var layer = Layers.OfOnes(16, 1);
        using var resources = new KernelResources();
        foreach (var shape in new[]
        {
            layer.Shape with { StrideX = 2 }, layer.Shape with { DilationY = 2 }, layer.Shape with { OutputHeight = 1, OutputWidth = 1 },
        })
        {
            Assert.Null(WinogradConvolution.TryCreate("avx2", layer with { Shape = shape }, resources));
        }
    }
}
