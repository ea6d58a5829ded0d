using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Kernels.Bytes;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Words;

/// <summary>Quantizes a run of floats to words of 16 bits and writes their upper and lower bytes apart.</summary>
/// <param name="source">The floats.</param>
/// <param name="count">How many.</param>
/// <param name="high">Receives upper bytes.</param>
/// <param name="low">Receives lower bytes.</param>
/// <param name="steps">What the words stand for.</param>
internal unsafe delegate void SplitKernel(float* source, int count, byte* high, byte* low, in StepProducts steps);

/// <summary><c>clamp(rne(x / scale) + zero_point)</c> in 16 bits: the division is a true one, as the standard asks, or has its bits.</summary>
internal static unsafe class SplitKernels
{
    public static KernelTable<SplitKernel> All { get; } = new("quantize to 16 bits",
        new("avx512", KernelSet.Assembled, Machine.WithoutAvx512, Wide),
        new("avx2", KernelSet.Avx2, Machine.WithoutAvx2, Middle),
        new("vector128", KernelSet.AdvSimd, Machine.WithoutVector128, Narrow),
        new("portable", KernelSet.Portable, Machine.Nothing, Portable));

    private static void Portable(float* source, int count, byte* high, byte* low, in StepProducts steps)
    {
        var scale = steps.Words;
        for (var i = 0; i < count; i++)
        {
            var word = scale.Quantize(source[i]);
            (high[i], low[i]) = ((byte)(word >> 8), (byte)word);
        }
    }

    // A quotient beyond 2²⁴ loses the zero point's last bits and is cut off whatever they are. Bounds are applied before the
    // conversion to int, so that nothing overflows there. NaN fails the comparison and becomes the least word, as in the reference.
    private static void Narrow(float* source, int count, byte* high, byte* low, in StepProducts steps)
    {
        var (divisor, zero) = (Vector128.Create(steps.Step), Vector128.Create((float)steps.ZeroPoint));
        var greatest = Vector128.Create((float)ushort.MaxValue);
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var first = Vector128.Narrow(Lanes(source + i), Lanes(source + i + 4));
            var second = Vector128.Narrow(Lanes(source + i + 8), Lanes(source + i + 12));
            Vector128.Narrow(first >>> 8, second >>> 8).Store(high + i);
            var lower = Vector128.Create((ushort)0xFF);
            Vector128.Narrow(first & lower, second & lower).Store(low + i);
        }
        Portable(source + i, count - i, high + i, low + i, steps);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector128<uint> Lanes(float* at)
        {
            var q = Vector128.Round(Vector128.Load(at) / divisor) + zero;
            q = Vector128.ConditionalSelect(Vector128.GreaterThan(q, Vector128<float>.Zero), q, Vector128<float>.Zero);
            return Vector128.ConvertToInt32(Vector128.Min(q, greatest)).AsUInt32();
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Middle(float* source, int count, byte* high, byte* low, in StepProducts steps)
    {
        var middle = new MiddleSteps(steps);
        var lower = Vector256.Create((short)0xFF);
        var i = 0;
        for (; i <= count - 32; i += 32)
        {
            var first = Avx2.PackUnsignedSaturate(middle.Of(source + i), middle.Of(source + i + 8)).AsInt16();
            var second = Avx2.PackUnsignedSaturate(middle.Of(source + i + 16), middle.Of(source + i + 24)).AsInt16();
            PackedBytes.Ordered(Avx2.PackUnsignedSaturate(first >>> 8, second >>> 8)).Store(high + i);
            PackedBytes.Ordered(Avx2.PackUnsignedSaturate(first & lower, second & lower)).Store(low + i);
        }
        Narrow(source + i, count - i, high + i, low + i, steps);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(float* source, int count, byte* high, byte* low, in StepProducts steps)
    {
        var wide = new WideSteps(steps);
        var i = 0;
        for (; i <= count - 16; i += 16)
        {
            var words = wide.Of(source + i);
            // Of each lane the lowest byte is taken.
            Avx512F.ConvertToVector128Byte(words >>> 8).Store(high + i);
            Avx512F.ConvertToVector128Byte(words).Store(low + i);
        }
        Narrow(source + i, count - i, high + i, low + i, steps);
    }
}
