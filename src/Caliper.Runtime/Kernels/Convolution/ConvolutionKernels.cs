using Caliper.Kernels.Convolution.Assembled;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Convolution;

/// <summary>An entry of the table of convolution kernels.</summary>
/// <param name="Name">What reports and options call it.</param>
/// <param name="Set">The option that forces it.</param>
/// <param name="WhyNot">Null where this machine runs it, otherwise what is missing, in a few words.</param>
/// <param name="Create">Makes the kernel for a layer, or returns null where it does not take such a layer. What it allocates
/// for the session's lifetime it hands to the resources.</param>
internal sealed record ConvolutionKernelEntry(
    string Name, KernelSet Set, Func<string?> WhyNot, Func<ConvolutionLayer, KernelResources, ConvolutionKernel?> Create);

/// <summary>All convolution kernels, fastest first: what sessions, tests, benchmarks and <c>caliper info</c> read.</summary>
internal static class ConvolutionKernels
{
    public static IReadOnlyList<ConvolutionKernelEntry> All { get; } =
    [
        GeneratedConvolution.Entry,
        VectorConvolutions.AvxVnni,
        VectorConvolutions.Avx2,
        VectorConvolutions.AdvSimd,
        ScalarConvolution.Entry,
    ];

    /// <summary>The kernel for a layer: the first that this machine runs, that is not beyond the set, and that takes the
    /// layer; the last entry takes every layer.</summary>
    public static ConvolutionKernel Create(ConvolutionLayer layer, KernelResources resources, KernelSet set)
    {
        foreach (var entry in All.Where(e => e.Set >= set && e.WhyNot() is null))
        {
            if (entry.Create(layer, resources) is { } kernel) return kernel;
        }
        return ScalarConvolution.Entry.Create(layer, resources)!;
    }
}
