using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Sums of products of four bytes, in every 32-bit lane another output channel: the one instruction sequence in which
/// the kernels of this folder differ.</summary>
/// <typeparam name="TVector">A vector of 32-bit sums.</typeparam>
internal unsafe interface IDotProduct<TVector> where TVector : unmanaged
{
    /// <summary>Bytes of packed weights for one vector of outputs and four inputs.</summary>
    static abstract int PackedBytes { get; }

    /// <summary>What is subtracted from every input byte by the instruction; the bias makes up for it.</summary>
    static abstract int InputShift { get; }

    /// <summary>Packs four weights for each lane.</summary>
    /// <param name="weights">Lane after lane.</param>
    /// <param name="packed">Receives them.</param>
    static abstract void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed);

    /// <summary>Adds four products to every lane.</summary>
    static abstract TVector Step(TVector sum, byte* input, sbyte* packed);

    static abstract TVector Load(int* sums);

    static abstract void Store(TVector vector, int* sums);
}

/// <summary>One 256-bit <c>vpdpbusd</c>: unsigned times signed, exact.</summary>
internal readonly unsafe struct AvxVnniDot : IDotProduct<Vector256<int>>
{
    public static int PackedBytes => 32;

    public static int InputShift => 0;

    public static void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed) => weights.CopyTo(new Span<sbyte>(packed, 32));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Step(Vector256<int> sum, byte* input, sbyte* packed) =>
        AvxVnni.MultiplyWideningAndAdd(sum, Vector256.Create(*(int*)input).AsByte(), Vector256.Load(packed));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(int* sums) => Vector256.Load(sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> vector, int* sums) => vector.Store(sums);
}

/// <summary>
/// AVX2 without the instruction that saturates: bytes 0 and 2 of each lane, and then bytes 1 and 3, are spread to 16 bits and
/// multiplied by weights of 16 bits. A pair of products is at most 2·255·128 and is added in 32 bits: exact.
/// </summary>
internal readonly unsafe struct Avx2Dot : IDotProduct<Vector256<int>>
{
    public static int PackedBytes => 64;

    public static int InputShift => 0;

    public static void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed)
    {
        var words = (short*)packed;
        for (var lane = 0; lane < 8; lane++)
        {
            words[2 * lane] = weights[4 * lane];
            words[2 * lane + 1] = weights[4 * lane + 2];
            words[16 + 2 * lane] = weights[4 * lane + 1];
            words[16 + 2 * lane + 1] = weights[4 * lane + 3];
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Step(Vector256<int> sum, byte* input, sbyte* packed)
    {
        var bytes = Vector256.Create(*(int*)input);
        var even = (bytes & Vector256.Create(0x00FF00FF)).AsInt16();
        var odd = Vector256.ShiftRightLogical(bytes.AsUInt16(), 8).AsInt16();
        return sum + Avx2.MultiplyAddAdjacent(even, Vector256.Load((short*)packed))
            + Avx2.MultiplyAddAdjacent(odd, Vector256.Load((short*)packed + 16));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(int* sums) => Vector256.Load(sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> vector, int* sums) => vector.Store(sums);
}

/// <summary>Arm's <c>sdot</c> is signed times signed: bytes are taken less 128, and the bias makes up for that.</summary>
internal readonly unsafe struct ArmDot : IDotProduct<Vector128<int>>
{
    public static int PackedBytes => 16;

    public static int InputShift => 128;

    public static void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed) => weights.CopyTo(new Span<sbyte>(packed, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Step(Vector128<int> sum, byte* input, sbyte* packed) =>
        Dp.DotProduct(sum, (Vector128.Create(*(int*)input) ^ Vector128.Create(unchecked((int)0x80808080))).AsSByte(), Vector128.Load(packed));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(int* sums) => Vector128.Load(sums);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> vector, int* sums) => vector.Store(sums);
}
