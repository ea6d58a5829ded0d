using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Words;

/// <summary>Brings a run of words together from their upper and lower bytes, and dequantizes them.</summary>
/// <param name="high">Upper bytes.</param>
/// <param name="low">Lower bytes.</param>
/// <param name="count">How many.</param>
/// <param name="destination">Receives floats.</param>
/// <param name="scale">What the words stand for.</param>
internal unsafe delegate void JoinKernel(byte* high, byte* low, int count, float* destination, WordScale scale);

/// <summary><c>(word − zero_point) · scale</c>; the difference has 17 bits and is exact as a float.</summary>
internal static unsafe class JoinKernels
{
    public static KernelTable<JoinKernel> All { get; } = new("dequantize from 16 bits",
        new("avx512", KernelSet.Jit, Machine.WithoutAvx512, Wide),
        new("vector128", KernelSet.AdvSimd, Machine.WithoutVector128, Narrow),
        new("portable", KernelSet.Portable, Machine.Nothing, Portable));

    private static void Portable(byte* high, byte* low, int count, float* destination, WordScale scale)
    {
        for (var i = 0; i < count; i++) destination[i] = scale.Dequantize((ushort)(high[i] << 8 | low[i]));
    }

    private static void Narrow(byte* high, byte* low, int count, float* destination, WordScale scale)
    {
        var (factor, zero) = (Vector128.Create(scale.Scale), Vector128.Create((int)scale.ZeroPoint));
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var (upper, lower) = (Vector128.Load(high + i), Vector128.Load(low + i));
            Eight(Vector128.WidenLower(upper), Vector128.WidenLower(lower), destination + i);
            Eight(Vector128.WidenUpper(upper), Vector128.WidenUpper(lower), destination + i + 8);
        }
        Portable(high + i, low + i, count - i, destination + i, scale);

        void Eight(Vector128<ushort> upper, Vector128<ushort> lower, float* to)
        {
            var (first, second) = Vector128.Widen(upper << 8 | lower);
            (Vector128.ConvertToSingle(first.AsInt32() - zero) * factor).Store(to);
            (Vector128.ConvertToSingle(second.AsInt32() - zero) * factor).Store(to + 4);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(byte* high, byte* low, int count, float* destination, WordScale scale)
    {
        var (factor, zero) = (Vector512.Create(scale.Scale), Vector512.Create((int)scale.ZeroPoint));
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var words = Avx512F.ConvertToVector512Int32(Vector128.Load(high + i)) << 8 | Avx512F.ConvertToVector512Int32(Vector128.Load(low + i));
            (Vector512.ConvertToSingle(words - zero) * factor).Store(destination + i);
        }
        Narrow(high + i, low + i, count - i, destination + i, scale);
    }
}
