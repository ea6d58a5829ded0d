using Caliper.Assembly;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Convolution.Tiles;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Words;

/// <summary>Makes the kernel for a layer of words, or returns null where it does not take such a layer.</summary>
internal delegate WordConvolution? WordConvolutionMaker(WordLayer layer, KernelResources resources, KernelSet set);

/// <summary>All convolutions of words: where an instruction multiplies bytes alone, the sums of upper and of lower bytes are computed one after the
/// other.</summary>
internal static class WordConvolutions
{
    public static KernelTable<WordConvolutionMaker> All { get; } = new("convolution of 16 bits",
        new("amx twice", KernelSet.Amx, AmxConvolution.Entry.WhyNot, (layer, resources, set) =>
            Twice(layer, AmxConvolution.Entry.Run(TwoPassConvolution.Pass(layer), resources), resources, set)),
        new("assembled", KernelSet.Assembled, () => AssembledCode.WhyNot, (layer, resources, _) => OnePassConvolution.TryCreate(layer, resources)),
        new("avx-vnni twice", KernelSet.AvxVnni, Machine.WithoutAvxVnni, (layer, resources, set) =>
            Twice(layer, VectorConvolutions.AvxVnni.Run(TwoPassConvolution.Pass(layer), resources), resources, set)),
        new("avx2", KernelSet.Avx2, Machine.WithoutAvx2, (layer, resources, _) => TiledWordConvolution.TryCreate(layer, resources)),
        new("twice", KernelSet.Portable, Machine.Nothing, (layer, resources, set) =>
            Twice(layer, ConvolutionKernels.Create(TwoPassConvolution.Pass(layer), resources, set), resources, set)));

    /// <summary>The kernel for a layer: the first that this machine runs, that is not beyond the set, and that takes the layer.</summary>
    public static WordConvolution Create(WordLayer layer, KernelResources resources, KernelSet set) =>
        All.Usable(set).Select(entry => entry.Run(layer, resources, set)).First(kernel => kernel is not null)!;

    private static TwoPassConvolution? Twice(WordLayer layer, ConvolutionKernel? kernel, KernelResources resources, KernelSet set) =>
        kernel is null ? null : new(layer, kernel, resources, set);
}
