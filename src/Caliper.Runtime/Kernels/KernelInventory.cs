using Caliper.Kernels.Bytes;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Elementwise;
using Caliper.Kernels.Pixels;
using Caliper.Kernels.Products;
using Caliper.Kernels.Words;

namespace Caliper.Kernels;

/// <summary>A kernel of an operation and whether this machine runs it.</summary>
/// <param name="Operation">What it computes.</param>
/// <param name="Name">The kernel.</param>
/// <param name="WhyNot">Null where it runs here, otherwise what is missing.</param>
internal sealed record KernelStatus(string Operation, string Name, string? WhyNot);

/// <summary>All tables of kernels, for <c>caliper info</c>.</summary>
internal static class KernelInventory
{
    /// <summary>Every kernel, fastest first within an operation: the first that is not missing anything is what sessions take.</summary>
    public static IEnumerable<KernelStatus> All =>
    [
        .. Of(ConvolutionKernels.All),
        .. Of(WordConvolutions.All),
        .. Of(FloatConvolutions.All),
        .. Of(ProductKernels.All),
        .. Of(BinaryKernels.Add),
        .. Of(BinaryKernels.Multiply),
        .. Of(TableKernels.All),
        .. Of(PoolKernels.Max),
        .. Of(PoolKernels.Average),
        .. Of(QuantizeKernels.All),
        .. Of(SplitKernels.All),
        .. Of(HalfSumsKernels.All),
        .. Of(FusedKernel.All),
    ];

    private static IEnumerable<KernelStatus> Of<T>(KernelTable<T> table) where T : Delegate =>
        table.All.Select(e => new KernelStatus(table.Operation, e.Name, e.WhyNot()));
}
