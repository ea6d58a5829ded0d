using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Sums of products of bytes, in every 32-bit lane another output: the one instruction sequence in which the kernels of this
/// folder differ. A step takes four bytes of inputs as they are spread, the same for all lanes, and four bytes of weights for each lane.</summary>
/// <typeparam name="TVector">A vector of 32-bit sums, and of packed weights.</typeparam>
internal unsafe interface IDotProduct<TVector> where TVector : unmanaged
{
    /// <summary>Inputs of a step: 4, or 2 where they are spread to 16 bits.</summary>
    static abstract int InputsOfStep { get; }

    /// <summary>What is subtracted from every input when it is spread; the bias makes up for it.</summary>
    static abstract int InputShift { get; }

    /// <summary>Spreads a run of inputs, and with it up to 31 that follow.</summary>
    /// <param name="inputs">The bytes.</param>
    /// <param name="count">How many.</param>
    /// <param name="spread">Receives four bytes for each step.</param>
    static abstract void Spread(byte* inputs, int count, byte* spread);

    /// <summary>Packs four weights for each lane: those of one step or of two.</summary>
    /// <param name="weights">Lane after lane.</param>
    /// <param name="packed">Receives them.</param>
    /// <param name="distance">Bytes from the vector of a step to that of the next.</param>
    static abstract void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed, int distance);

    /// <summary>The inputs of a step, for all lanes.</summary>
    static abstract TVector Inputs(byte* spread);

    /// <summary>Adds the products of a step.</summary>
    static abstract TVector Step(TVector sum, TVector inputs, TVector weights);

    static abstract TVector Load(void* from);

    static abstract void Store(TVector vector, int* sums);
}

/// <summary>One 256-bit <c>vpdpbusd</c>: unsigned times signed, exact.</summary>
internal readonly unsafe struct AvxVnniDot : IDotProduct<Vector256<int>>
{
    public static int InputsOfStep => 4;

    public static int InputShift => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Spread(byte* inputs, int count, byte* spread)
    {
        for (var i = 0; i < count; i += 32) Vector256.Load(inputs + i).Store(spread + i);
    }

    public static void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed, int distance) => weights.CopyTo(new Span<sbyte>(packed, 32));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Inputs(byte* spread) => Vector256.Create(*(int*)spread);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Step(Vector256<int> sum, Vector256<int> inputs, Vector256<int> weights) =>
        AvxVnni.MultiplyWideningAndAdd(sum, inputs.AsByte(), weights.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(void* from) => Vector256.Load((int*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> vector, int* sums) => vector.Store(sums);
}

/// <summary>AVX2 without the instruction that saturates: inputs and weights of 16 bits. A pair of products is at most 2·255·128 and is
/// added in 32 bits: exact.</summary>
internal readonly unsafe struct Avx2Dot : IDotProduct<Vector256<int>>
{
    public static int InputsOfStep => 2;

    public static int InputShift => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Spread(byte* inputs, int count, byte* spread)
    {
        for (var i = 0; i < count; i += 16) Avx2.ConvertToVector256Int16(inputs + i).Store((short*)spread + i);
    }

    public static void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed, int distance)
    {
        // The first two weights of all lanes, and then the other two.
        var pairs = Vector128.Create((byte)0, 1, 4, 5, 8, 9, 12, 13, 2, 3, 6, 7, 10, 11, 14, 15);
        var (first, second) = (Vector128.Create<sbyte>(weights), Vector128.Create<sbyte>(weights[16..]));
        var (low, high) = (Ssse3.Shuffle(first.AsByte(), pairs).AsInt64(), Ssse3.Shuffle(second.AsByte(), pairs).AsInt64());
        Avx2.ConvertToVector256Int16(Sse2.UnpackLow(low, high).AsSByte()).Store((short*)packed);
        Avx2.ConvertToVector256Int16(Sse2.UnpackHigh(low, high).AsSByte()).Store((short*)(packed + distance));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Inputs(byte* spread) => Vector256.Create(*(int*)spread);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Step(Vector256<int> sum, Vector256<int> inputs, Vector256<int> weights) =>
        sum + Avx2.MultiplyAddAdjacent(inputs.AsInt16(), weights.AsInt16());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector256<int> Load(void* from) => Vector256.Load((int*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector256<int> vector, int* sums) => vector.Store(sums);
}

/// <summary>Arm's <c>sdot</c> is signed times signed: bytes are taken less 128, and the bias makes up for that.</summary>
internal readonly unsafe struct ArmDot : IDotProduct<Vector128<int>>
{
    public static int InputsOfStep => 4;

    public static int InputShift => 128;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Spread(byte* inputs, int count, byte* spread)
    {
        for (var i = 0; i < count; i += 16) (Vector128.Load(inputs + i) ^ Vector128.Create((byte)128)).Store(spread + i);
    }

    public static void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed, int distance) => weights.CopyTo(new Span<sbyte>(packed, 16));

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Inputs(byte* spread) => Vector128.Create(*(int*)spread);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Step(Vector128<int> sum, Vector128<int> inputs, Vector128<int> weights) =>
        Dp.DotProduct(sum, inputs.AsSByte(), weights.AsSByte());

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(void* from) => Vector128.Load((int*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> vector, int* sums) => vector.Store(sums);
}
