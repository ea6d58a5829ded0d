using Caliper.Assembly;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Convolution.Tiles;
using Caliper.Testing.Simulator;
using Iced.Intel;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>How many instructions typical layers take, counted in the simulator: a regression shows without a clock, and on any machine. The
/// bounds are what was counted when they were written, and a fiftieth.</summary>
public class InstructionCountTests
{
    // Products that one instruction adds: 16 lanes of four, or tiles of 16 rows.
    private const double OfVector = 64, OfTile = 64 * 16 * 16;

    [Theory]
    [InlineData(128, 128, 3, 14, 1, 1.65)]
    [InlineData(256, 256, 1, 14, 1, 1.75)]
    [InlineData(512, 512, 3, 7, 1, 1.64)]
    [InlineData(3, 64, 7, 28, 2, 2.06)]
    public void A_dot_product_of_vectors_has_few_instructions_beside_it(int from, int to, int window, int size, int stride, double most) =>
        Assert.InRange(Count(Layer(from, to, window, size, stride), tiles: false, Mnemonic.Vpdpbusd, OfVector), 1, most);

    [Theory]
    [InlineData(128, 128, 3, 14, 1, 1.68)]
    [InlineData(256, 256, 1, 14, 1, 1.57)]
    [InlineData(512, 512, 3, 7, 1, 1.67)]
    [InlineData(16, 96, 1, 56, 1, 3.16)]
    public void Nor_where_two_units_do_all_and_weights_are_asked_for_ahead(int from, int to, int window, int size, int stride, double most) =>
        Assert.InRange(Count(Layer(from, to, window, size, stride), tiles: false, Mnemonic.Vpdpbusd, OfVector, CoreKind.Cove), 1, most);

    [Theory]
    [InlineData(256, 256, 1, 14)]
    [InlineData(512, 512, 3, 7)]
    public void While_a_block_is_multiplied_the_next_one_is_asked_for_once(int from, int to, int window, int size)
    {
        using var machine = new SimulatedMachine();
        Count(Layer(from, to, window, size, stride: 1), tiles: false, Mnemonic.Vpdpbusd, OfVector, CoreKind.Cove, machine);
        Assert.InRange(64.0 * machine.Counts[Mnemonic.Prefetcht1] / (from * to * window * window), 0.9, 1.6);
    }

    [Theory]
    [InlineData(128, 3, 28, 1, 4.69)]
    [InlineData(64, 5, 14, 2, 4.28)]
    [InlineData(16, 3, 28, 1, 7.48)]
    [InlineData(32, 3, 28, 1, 5.46)]
    [InlineData(48, 3, 28, 1, 5.56)]
    [InlineData(144, 3, 28, 1, 5.0)]
    public void A_depthwise_dot_product_has_few_instructions_beside_it(int channels, int window, int size, int stride, double most) =>
        Assert.InRange(Count(Layer(channels, channels, window, size, stride, isDepthwise: true), tiles: false, Mnemonic.Vpdpbusd, OfVector), 1, most);

    [Theory]
    [InlineData(128, 128, 3, 14, 1, 11.1)]
    [InlineData(256, 256, 1, 14, 1, 34.9)]
    [InlineData(512, 512, 3, 7, 1, 7.5)]
    [InlineData(3, 64, 7, 28, 2, 56.2)]
    public void A_product_of_tiles_has_few_instructions_beside_it(int from, int to, int window, int size, int stride, double most) =>
        Assert.InRange(Count(Layer(from, to, window, size, stride), tiles: true, Mnemonic.Tdpbusd, OfTile), 1, most);

    /// <summary>Instructions for as many products of the layer as one instruction for products adds.</summary>
    private static double Count(ConvolutionLayer layer, bool tiles, Mnemonic products, double productsOfOne, CoreKind? core = null)
    {
        using var machine = new SimulatedMachine();
        return Count(layer, tiles, products, productsOfOne, core ?? CoreKind.Zen, machine);
    }

    private static double Count(
        ConvolutionLayer layer, bool tiles, Mnemonic products, double productsOfOne, CoreKind core, SimulatedMachine machine)
    {
        using var tensors = new ConvolutionCase(layer, seed: 1, readsAhead: true);
        using var resources = new KernelResources { Machine = machine, Core = core };
        ConvolutionKernel kernel = tiles ? AmxConvolution.TryCreate(layer, resources)! : AssembledConvolution.TryCreate(layer, resources)!;
        Assert.Equal(tensors.Run(ScalarConvolution.Entry.Run(layer, resources)!), tensors.Simulate(machine, resources, kernel));
        Assert.True(machine.Counts[products] * productsOfOne >= layer.Shape.MultiplyAdds, "Each product of the layer is one of an instruction.");
        return machine.Counts.Values.Sum() * productsOfOne / layer.Shape.MultiplyAdds;
    }

    private static ConvolutionLayer Layer(int from, int to, int window, int size, int stride, bool isDepthwise = false)
    {
        var width = (size - 1) * stride + window;
        var shape = new ConvolutionShape
        {
            Images = 1,
            OutputHeight = size,
            OutputWidth = size,
            InputChannels = from,
            OutputChannels = to,
            IsDepthwise = isDepthwise,
            KernelHeight = window,
            KernelWidth = window,
            StrideY = stride,
            StrideX = stride,
            Input = new PlaneStrides(from, from * width, (long)from * width * width),
            Output = new PlaneStrides(to, to * size, (long)to * size * size),
            Residual = new PlaneStrides(to, to * size, (long)to * size * size),
        };
        var weights = new sbyte[to * shape.ProductsPerOutput];
        new Random(1).NextBytes(System.Runtime.InteropServices.MemoryMarshal.AsBytes(weights.AsSpan()));
        var epilogue = new Epilogue([.. Enumerable.Repeat(0.001f, to)], 7, 0, 255);
        return new ConvolutionLayer("layer", shape, new(weights, new int[to]), new int[to], 3, epilogue);
    }
}
