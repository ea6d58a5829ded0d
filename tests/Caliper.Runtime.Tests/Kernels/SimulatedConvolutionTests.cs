using Caliper.Assembly;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Convolution.Tiles;
using Caliper.Testing.Simulator;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Assembled kernels on any machine, without the instructions that they are made of: every access is held against the memory that
/// there is, and every byte against the reference.</summary>
public class SimulatedConvolutionTests
{
    private const int Times = 150;

    [Fact]
    public void Every_convolution_has_the_bits_of_the_reference() => Gen.Select(Layers.Any(depthwise: false), Gen.Int).Sample(
        (layer, seed) => Compare(layer, seed, readsAhead: false, resources => AssembledConvolution.TryCreate(layer, resources)!), iter: Times);

    [Fact]
    public void Every_size_of_tile_has_the_bits_of_the_reference() =>
        Layers.InTilesOfAnySize.Sample(c => Compare(c.layer, c.seed, readsAhead: false,
            resources => AssembledConvolution.TryCreate(c.layer, resources, c.vectors, c.pixels, c.inHalves)!), iter: Times);

    [Fact]
    public void Every_depthwise_convolution_has_the_bits_of_the_reference() => Gen.Select(Layers.Any(depthwise: true), Gen.Int).Sample(
        (layer, seed) => Compare(layer, seed, readsAhead: false, resources => AssembledConvolution.TryCreate(layer, resources)), iter: Times);

    [Fact]
    public void Every_convolution_by_tiles_has_the_bits_of_the_reference() =>
        (from layer in Layers.Any(depthwise: false)
         let plans = AmxPlan.All(layer.Shape).ToArray()
         from plan in Gen.Int[0, plans.Length - 1]
         from seed in Gen.Int
         select (layer, plan: plans[plan], seed)).Sample(c => Compare(c.layer, c.seed, readsAhead: true,
            resources => AmxConvolution.TryCreate(c.layer, resources, c.plan)!), iter: Times);

    private static void Compare(ConvolutionLayer layer, int seed, bool readsAhead, Func<KernelResources, ConvolutionKernel?> create)
    {
        using var tensors = new ConvolutionCase(layer, seed, readsAhead);
        using var machine = new SimulatedMachine();
        using var resources = new KernelResources { Machine = machine, Core = seed % 2 == 0 ? CoreKind.Zen : CoreKind.Cove };
        if (create(resources) is not { } kernel) return;
        var expected = tensors.Run(ScalarConvolution.Entry.Run(layer, resources)!);
        Assert.Equal(expected, tensors.Simulate(machine, resources, kernel));
        Assert.Equal(expected, tensors.Simulate(machine, resources, kernel, ConvolutionCase.Piecewise));
        Assert.False(machine.HoldsTiles);
    }
}
