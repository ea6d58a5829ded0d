using System.Runtime.Intrinsics;
using Caliper.Kernels.Convolution.Vectors;

namespace Caliper.Kernels.Products;

/// <summary>Makes the kernel for a product, or returns null where it does not take it.</summary>
internal delegate ProductKernel? ProductMaker(ProductLayer layer, KernelResources resources);

/// <summary>All kernels of products of two activations.</summary>
internal static class ProductKernels
{
    public static KernelTable<ProductMaker> All { get; } = new("product of activations",
        AmxProduct.Entry,
        AssembledProduct.Entry,
        VectorProduct<AvxVnniDot, Vector256<int>>.Entry("avx-vnni", KernelSet.AvxVnni, Machine.WithoutAvxVnni),
        VectorProduct<Avx2Dot, Vector256<int>>.Entry("avx2", KernelSet.Avx2, Machine.WithoutAvx2),
        VectorProduct<ArmDot, Vector128<int>>.Entry("advsimd-dp", KernelSet.AdvSimd, Machine.WithoutDotProduct),
        VectorProduct<PairDot, Vector128<int>>.Entry("vector128", KernelSet.AdvSimd, PairDot.WhyNot),
        ScalarProduct.Entry);

    /// <summary>The first that this machine runs, that is not beyond the set, and that takes the product; the last takes every one.</summary>
    public static ProductKernel Create(ProductLayer layer, KernelResources resources, KernelSet set) =>
        All.Usable(set).Select(entry => entry.Run(layer, resources)).First(kernel => kernel is not null)!;
}
