using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Bytes;

/// <summary>Whole numbers of 32 bits as bytes, cut off below 0 and above 255. AVX2 packs each half of a vector for itself: one permutation brings
/// what four vectors were packed to into order.</summary>
internal static class PackedBytes
{
    /// <summary>The bytes of four vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Of(Vector256<int> a, Vector256<int> b, Vector256<int> c, Vector256<int> d) =>
        Ordered(Avx2.PackUnsignedSaturate(Avx2.PackSignedSaturate(a, b), Avx2.PackSignedSaturate(c, d)));

    /// <summary>The bytes of two vectors.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<byte> Of(Vector256<int> a, Vector256<int> b) => Of(a, b, a, b).GetLower();

    /// <summary>What four vectors were packed to, in the order of their elements.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<byte> Ordered(Vector256<byte> packed) =>
        Avx2.PermuteVar8x32(packed.AsInt32(), Vector256.Create(0, 4, 1, 5, 2, 6, 3, 7)).AsByte();
}
