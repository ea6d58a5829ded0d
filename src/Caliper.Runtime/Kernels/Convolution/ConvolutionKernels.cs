using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Convolution.Tiles;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Convolution;

/// <summary>Makes the kernel for a layer, or returns null where it does not take such a layer. What it allocates for the session's
/// lifetime it hands to the resources.</summary>
internal delegate ConvolutionKernel? ConvolutionMaker(ConvolutionLayer layer, KernelResources resources);

/// <summary>All convolution kernels. A row makes a kernel for each layer, since weights are packed and code is assembled for it.</summary>
internal static class ConvolutionKernels
{
    public static KernelTable<ConvolutionMaker> All { get; } = new("convolution",
        AmxConvolution.Entry,
        AssembledConvolution.Entry,
        VectorConvolutions.AvxVnni,
        VectorConvolutions.Avx2,
        VectorConvolutions.AdvSimd,
        VectorConvolutions.Pairs,
        ScalarConvolution.Entry);

    /// <summary>The kernel for a layer: the first that this machine runs, that is not beyond the set, and that takes the
    /// layer; the last entry takes every layer.</summary>
    public static ConvolutionKernel Create(ConvolutionLayer layer, KernelResources resources, KernelSet set) =>
        All.Usable(set).Select(entry => entry.Run(layer, resources)).First(kernel => kernel is not null)!;
}
