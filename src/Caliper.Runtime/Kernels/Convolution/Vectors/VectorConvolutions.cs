using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The table's entries of this folder.</summary>
internal static class VectorConvolutions
{
    public static KernelEntry<ConvolutionMaker> AvxVnni { get; } =
        Entry<AvxVnniDot, Vector256<int>>("avx-vnni", KernelSet.AvxVnni, Machine.WithoutAvxVnni);

    public static KernelEntry<ConvolutionMaker> Avx2 { get; } = Entry<Avx2Dot, Vector256<int>>("avx2", KernelSet.Avx2, Machine.WithoutAvx2,
        WinogradConvolution.TryCreate);

    public static KernelEntry<ConvolutionMaker> AdvSimd { get; } =
        Entry<ArmDot, Vector128<int>>("advsimd-dp", KernelSet.AdvSimd, Machine.WithoutDotProduct);

    private static KernelEntry<ConvolutionMaker> Entry<TDot, TVector>(string name, KernelSet set, Func<string?> whyNot,
        Func<string, ConvolutionLayer, KernelResources, ConvolutionKernel?>? special = null)
        where TDot : struct, IDotProduct<TVector> where TVector : unmanaged => new(name, set, whyNot, (layer, resources) =>
            special?.Invoke(name, layer, resources)
            ?? TiledConvolution<TDot, TVector>.TryCreate(name, layer, resources)
            ?? (System.Runtime.Intrinsics.X86.Avx2.IsSupported
                ? DepthwiseTiles.TryCreate(name, layer, resources) : DepthwiseConvolution.TryCreate(name, layer, resources)));
}
