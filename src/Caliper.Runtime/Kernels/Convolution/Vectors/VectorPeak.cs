using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The most that one core can multiply and add by intrinsics: one tile again and again, whose operands are in the first-level
/// cache.</summary>
/// <param name="Unit">What multiplies.</param>
/// <param name="MultiplyAddsPerTurn">Multiply-adds of one tile.</param>
/// <param name="Run">Computes some tiles; the caller holds the watch.</param>
internal sealed record VectorPeak(string Unit, long MultiplyAddsPerTurn, Action<long> Run)
{
    private const int Steps = 64;

    /// <summary>That of the kernels of this machine; null where no unit multiplies bytes.</summary>
    public static VectorPeak? Here()
    {
        if (VectorConvolutions.AvxVnni.WhyNot() is null) return Of<AvxVnniDot, Vector256<int>>("AVX-VNNI");
        if (VectorConvolutions.Avx2.WhyNot() is null) return Of<Avx2Dot, Vector256<int>>("AVX2");
        if (VectorConvolutions.AdvSimd.WhyNot() is null) return Of<ArmDot, Vector128<int>>("Arm dot products");
        return VectorConvolutions.Pairs.WhyNot() is null ? Of<PairDot, Vector128<int>>("128-bit vectors") : null;
    }

    private static VectorPeak Of<TDot, TVector>(string unit) where TDot : struct, IDotProduct<TVector> where TVector : unmanaged =>
        new(unit, (long)SumTile<TDot, TVector>.Rows * SumTile<TDot, TVector>.Outputs * Steps * TDot.InputsOfStep, Tiles<TDot, TVector>);

    private static unsafe void Tiles<TDot, TVector>(long count) where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
    {
        const int Rows = SumTile<TDot, TVector>.Rows, InputBytes = 4 * Steps;
        var (sums, weights) = (SumTile<TDot, TVector>.Outputs, Steps * SumTile<TDot, TVector>.Vectors * sizeof(TVector));
        using var memory = new NativeBuffer(Rows * InputBytes + weights + (Rows + 1) * sums * sizeof(int));
        var starts = (int*)(memory.Start + Rows * InputBytes + weights);
        var tile = new TileOperands
        {
            Inputs = memory.Start,
            InputDistance = InputBytes,
            Weights = (sbyte*)memory.Start + Rows * InputBytes,
            Steps = Steps,
            Start = starts,
        };
        for (; count > 0; count--) SumTile<TDot, TVector>.Run(Rows, tile, starts + sums, sums);
    }
}
