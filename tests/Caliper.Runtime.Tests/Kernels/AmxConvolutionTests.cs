using Caliper.Assembly;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Tiles;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

public class AmxConvolutionTests
{
    private static void SkipWithoutTiles() => Assert.SkipUnless(TileUnit.IsSupported, $"no tiles here: {TileUnit.WhyNot}");

    [Fact]
    public void Every_convolution_has_the_bits_of_the_reference_however_it_is_cut()
    {
        SkipWithoutTiles();
        (from layer in Layers.Any(depthwise: false)
         let plans = AmxPlan.All(layer.Shape).ToArray()
         from plan in Gen.Int[0, plans.Length - 1]
         from seed in Gen.Int
         select (layer, plan: plans[plan], seed)).Sample(c =>
        {
            using var tensors = new ConvolutionCase(c.layer, c.seed, readsTiles: true);
            using var resources = new KernelResources();
            var kernel = AmxConvolution.TryCreate(c.layer, resources, c.plan)!;
            var expected = tensors.Run(ScalarConvolution.Entry.Run(c.layer, resources)!);
            Assert.Equal(expected, tensors.Run(kernel));
            Assert.Equal(expected, tensors.Run(kernel, ConvolutionCase.Piecewise));
        }, iter: 300);
    }
}
