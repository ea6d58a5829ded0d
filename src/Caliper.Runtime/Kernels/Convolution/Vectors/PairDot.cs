using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.Arm;
using System.Runtime.Intrinsics.Wasm;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Vectors of 128 bits where no instruction multiplies bytes: WebAssembly, Arm before 8.2, x64 without AVX2. As in
/// <see cref="Avx2Dot"/> a pair of products is added in 32 bits: exact.</summary>
internal readonly unsafe struct PairDot : IDotProduct<Vector128<int>>
{
    /// <summary>What a machine lacks that cannot run it.</summary>
    public static string? WhyNot() =>
        PackedSimd.IsSupported || Sse2.IsSupported || AdvSimd.Arm64.IsSupported ? null : "no products of 16 bits";

    public static int InputsOfStep => 2;

    public static int InputShift => 0;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Spread(byte* inputs, int count, byte* spread)
    {
        for (var i = 0; i < count; i += 16)
        {
            var bytes = Vector128.Load(inputs + i);
            Vector128.WidenLower(bytes).Store((ushort*)spread + i);
            Vector128.WidenUpper(bytes).Store((ushort*)spread + i + 8);
        }
    }

    public static void Pack(ReadOnlySpan<sbyte> weights, sbyte* packed, int distance)
    {
        // The first two weights of all lanes, and then the other two.
        for (var i = 0; i < 16; i++) ((short*)(packed + i % 4 / 2 * distance))[i / 4 * 2 + i % 2] = weights[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Inputs(byte* spread) => Vector128.Create(*(int*)spread);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Step(Vector128<int> sum, Vector128<int> inputs, Vector128<int> weights)
    {
        if (PackedSimd.IsSupported) return sum + PackedSimd.Dot(inputs.AsInt16(), weights.AsInt16());
        if (Sse2.IsSupported) return sum + Sse2.MultiplyAddAdjacent(inputs.AsInt16(), weights.AsInt16());
        var (x, w) = (inputs.AsInt16(), weights.AsInt16());
        return sum + AdvSimd.Arm64.AddPairwise(
            AdvSimd.MultiplyWideningLower(x.GetLower(), w.GetLower()), AdvSimd.MultiplyWideningUpper(x, w));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static Vector128<int> Load(void* from) => Vector128.Load((int*)from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Store(Vector128<int> vector, int* sums) => vector.Store(sums);
}
