using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

public class ConvolutionKernelTests
{
    public static TheoryData<string> Names => new(ConvolutionKernels.All.All.Select(e => e.Name));

    [Theory]
    [MemberData(nameof(Names))]
    public void A_convolution_has_the_bits_of_the_reference_whoever_computes_it(string name) => Check(name, depthwise: false);

    [Theory]
    [MemberData(nameof(Names))]
    public void A_depthwise_convolution_has_the_bits_of_the_reference_whoever_computes_it(string name) => Check(name, depthwise: true);

    private static void Check(string name, bool depthwise)
    {
        var entry = ConvolutionKernels.All.All.Single(e => e.Name == name);
        Assert.SkipWhen(entry.WhyNot() is not null, $"{name}: {entry.WhyNot()}");
        Gen.Select(Layers.Any(depthwise), Gen.Int).Sample((layer, seed) =>
        {
            using var tensors = new ConvolutionCase(layer, seed, readsAhead: name != AssembledConvolution.Entry.Name);
            using var resources = new KernelResources();
            if (entry.Run(layer, resources) is not { } kernel) return;
            var expected = tensors.Run(ScalarConvolution.Entry.Run(layer, resources)!);
            Assert.Equal(expected, tensors.Run(kernel));
            Assert.Equal(expected, tensors.Run(kernel, ConvolutionCase.Piecewise));
        }, iter: 150);
    }
}
