using Caliper.Assembly;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

public class AssembledConvolutionTests
{
    public AssembledConvolutionTests() => Assert.SkipUnless(AssembledCode.IsSupported, $"no assembled code here: {AssembledCode.WhyNot}");

    [Fact]
    public void Every_convolution_has_the_bits_of_the_reference() =>
        Gen.Select(Layers.Any(depthwise: false), Gen.Int).Sample((layer, seed) =>
        {
            using var tensors = new ConvolutionCase(layer, seed);
            using var resources = new KernelResources();
            var kernel = AssembledConvolution.TryCreate(layer, resources)!;
            var expected = tensors.Run(ScalarConvolution.Entry.Run(layer, resources)!);
            Assert.Equal(expected, tensors.Run(kernel));
            Assert.Equal(expected, tensors.Run(kernel, ConvolutionCase.Piecewise));
        }, iter: 300);

    [Fact]
    public void Every_size_of_tile_has_the_bits_of_the_reference() =>
        Layers.InTilesOfAnySize.Sample(c =>
        {
            using var tensors = new ConvolutionCase(c.layer, c.seed);
            using var resources = new KernelResources();
            var kernel = AssembledConvolution.TryCreate(c.layer, resources, c.vectors, c.pixels, c.inHalves)!;
            Assert.Equal(tensors.Run(ScalarConvolution.Entry.Run(c.layer, resources)!), tensors.Run(kernel));
        }, iter: 300);

    [Fact]
    public void Every_depthwise_convolution_has_the_bits_of_the_reference() =>
        Gen.Select(Layers.Any(depthwise: true), Gen.Int).Sample((layer, seed) =>
        {
            using var tensors = new ConvolutionCase(layer, seed);
            using var resources = new KernelResources();
            if (AssembledConvolution.TryCreate(layer, resources) is not { } kernel) return;
            var expected = tensors.Run(ScalarConvolution.Entry.Run(layer, resources)!);
            Assert.Equal(expected, tensors.Run(kernel));
            Assert.Equal(expected, tensors.Run(kernel, ConvolutionCase.Piecewise));
        }, iter: 300);
}
