using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The table's entries of this folder.</summary>
internal static class VectorConvolutions
{
    public static KernelEntry<ConvolutionMaker> AvxVnni { get; } = new("avx-vnni", KernelSet.AvxVnni, Machine.WithoutAvxVnni,
        (layer, resources) => TiledConvolution<AvxVnniDot, Vector256<int>>.TryCreate("avx-vnni", layer, resources)
            ?? DepthwiseTiles.TryCreate("avx-vnni", layer, resources));

    public static KernelEntry<ConvolutionMaker> Avx2 { get; } = new("avx2", KernelSet.Avx2, Machine.WithoutAvx2,
        (layer, resources) => WinogradConvolution.TryCreate("avx2", layer, resources)
            ?? TiledConvolution<Avx2Dot, Vector256<int>>.TryCreate("avx2", layer, resources)
            ?? DepthwiseTiles.TryCreate("avx2", layer, resources));

    public static KernelEntry<ConvolutionMaker> AdvSimd { get; } = new("advsimd-dp", KernelSet.AdvSimd, Machine.WithoutDotProduct,
        (layer, resources) => TiledConvolution<ArmDot, Vector128<int>>.TryCreate("advsimd-dp", layer, resources)
            ?? DepthwiseConvolution.TryCreate("advsimd-dp", layer, resources));

    public static KernelEntry<ConvolutionMaker> Pairs { get; } = new("vector128", KernelSet.AdvSimd, PairDot.WhyNot,
        (layer, resources) => TiledConvolution<PairDot, Vector128<int>>.TryCreate("vector128", layer, resources)
            ?? DepthwiseConvolution.TryCreate("vector128", layer, resources));
}
