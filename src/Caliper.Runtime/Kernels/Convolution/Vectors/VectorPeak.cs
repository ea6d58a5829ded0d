using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The most that one core can multiply and add by intrinsics: nothing but the products and sums of a tile on registers, each sum waiting
/// for no other.</summary>
/// <param name="Unit">What multiplies.</param>
/// <param name="MultiplyAddsPerTurn">Multiply-adds of one turn of the loop.</param>
/// <param name="Run">Runs the loop some times; the caller holds the watch.</param>
internal sealed record VectorPeak(string Unit, long MultiplyAddsPerTurn, Action<long> Run)
{
    private const int Sums = 12;

    /// <summary>That of the kernels of this machine; null where no unit multiplies bytes.</summary>
    public static VectorPeak? Here()
    {
        if (VectorConvolutions.AvxVnni.WhyNot() is null) return Of<AvxVnniDot, Vector256<int>>("AVX-VNNI");
        if (VectorConvolutions.Avx2.WhyNot() is null) return Of<Avx2Dot, Vector256<int>>("AVX2");
        return VectorConvolutions.AdvSimd.WhyNot() is null ? Of<ArmDot, Vector128<int>>("Arm dot products") : null;
    }

    private static unsafe VectorPeak Of<TDot, TVector>(string unit) where TDot : struct, IDotProduct<TVector> where TVector : unmanaged =>
        new(unit, Sums * TDot.InputsOfStep * sizeof(TVector) / sizeof(int), Turns<TDot, TVector>);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static unsafe void Turns<TDot, TVector>(long turns) where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
    {
        var bytes = stackalloc byte[64];
        TVector x = TDot.Load(bytes), w = TDot.Load(bytes + 32);
        TVector a0 = x, a1 = x, b0 = x, b1 = x, c0 = x, c1 = x, d0 = x, d1 = x, e0 = x, e1 = x, f0 = x, f1 = x;
        for (; turns > 0; turns--)
        {
            (a0, a1) = (TDot.Step(a0, x, w), TDot.Step(a1, x, w));
            (b0, b1) = (TDot.Step(b0, x, w), TDot.Step(b1, x, w));
            (c0, c1) = (TDot.Step(c0, x, w), TDot.Step(c1, x, w));
            (d0, d1) = (TDot.Step(d0, x, w), TDot.Step(d1, x, w));
            (e0, e1) = (TDot.Step(e0, x, w), TDot.Step(e1, x, w));
            (f0, f1) = (TDot.Step(f0, x, w), TDot.Step(f1, x, w));
        }
        // Results that somebody may read are computed.
        var sums = stackalloc int[sizeof(TVector) / sizeof(int)];
        foreach (var sum in (ReadOnlySpan<TVector>)[a0, a1, b0, b1, c0, c1, d0, d1, e0, e1, f0, f1]) TDot.Store(sum, sums);
    }
}
