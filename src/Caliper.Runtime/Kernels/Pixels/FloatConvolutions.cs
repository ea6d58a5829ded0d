using Caliper.Assembly;

namespace Caliper.Kernels.Pixels;

/// <summary>Makes the kernel of a convolution for where its images lie, or returns null where it does not take such a one.</summary>
internal delegate PixelKernel? FloatConvolutionMaker(
    FloatLayer layer, PixelImage input, PixelImage output, KernelSet set, KernelResources resources);

/// <summary>All convolutions of floats that read their input's channels side by side. Their bits are the same.</summary>
internal static class FloatConvolutions
{
    public static KernelTable<FloatConvolutionMaker> All { get; } = new("float convolution",
        new("assembled", KernelSet.Assembled, () => AssembledCode.WhyNot, AssembledFloatConvolution.TryCreate),
        new("intrinsics", KernelSet.Portable, Machine.Nothing, MindingEdges));

    /// <summary>The kernel of a convolution around whose input lie as many pixels of zeros as its windows reach.</summary>
    public static PixelKernel Create(FloatLayer layer, PixelImage input, PixelImage output, KernelSet set, KernelResources resources) =>
        All.Usable(set).Select(entry => entry.Run(layer, input, output, set, resources)).First(kernel => kernel is not null)!;

    /// <summary>The kernel of a convolution that looks at each window whether it leaves the image: whatever lies around that is not read.</summary>
    public static PixelKernel MindingEdges(FloatLayer layer, PixelImage input, PixelImage output, KernelSet set, KernelResources resources) =>
        layer.IsDepthwise ? new PixelDepthwise(layer, resources) { Input = input, Output = output, Set = set, Bounds = layer.Bounds }
            : new PixelConvolution(layer, resources) { Input = input, Output = output, Set = set, Bounds = layer.Bounds };
}
