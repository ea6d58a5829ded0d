using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Bytes;

/// <summary>Quantizes up to four planes of floats and puts their bytes side by side, three planes in three or four bytes a
/// pixel; or with one plane and a pixel of 1 byte, just quantizes a run.</summary>
/// <param name="source">The first plane's first float.</param>
/// <param name="plane">Floats from plane to plane.</param>
/// <param name="channels">Planes, 1 to 4.</param>
/// <param name="pixels">Pixels.</param>
/// <param name="destination">The first byte.</param>
/// <param name="pixelBytes">4; or 3 for three planes, 1 for one. No byte between or after the pixels is touched.</param>
/// <param name="steps">What the bytes stand for.</param>
internal unsafe delegate void QuantizeKernel(
    float* source, long plane, int channels, int pixels, byte* destination, int pixelBytes, in StepProducts steps);

/// <summary><c>clamp(rne(x / scale) + zero_point)</c>: the division is a true one, as the standard asks, or has its bits.</summary>
internal static unsafe class QuantizeKernels
{
    public static KernelTable<QuantizeKernel> All { get; } = new("quantize",
        new("avx512", KernelSet.Assembled, Machine.WithoutAvx512, Wide),
        new("avx2", KernelSet.Avx2, Machine.WithoutAvx2, Middle),
        new("vector128", KernelSet.AdvSimd, Machine.WithoutVector128, Narrow),
        new("portable", KernelSet.Portable, Machine.Nothing, Portable));

    // The bytes of four pixels of four, in order, without the last of each.
    private static ReadOnlySpan<byte> FirstThree => [0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15];

    private static void Portable(float* source, long plane, int channels, int pixels, byte* destination, int pixelBytes, in StepProducts steps)
    {
        var scale = steps.Bytes;
        for (var i = 0; i < pixels; i++)
            for (var c = 0; c < channels; c++) destination[i * pixelBytes + c] = scale.Quantize(source[c * plane + i]);
    }

    // Bounds are applied before the conversion to int, so that nothing overflows there. NaN fails the comparison and becomes
    // the least byte, as in the reference.
    private static void Narrow(float* source, long plane, int channels, int pixels, byte* destination, int pixelBytes, in StepProducts steps)
    {
        var (divisor, zero) = (Vector128.Create(steps.Step), Vector128.Create((float)steps.ZeroPoint));
        var high = Vector128.Create(255f);
        var i = 0;
        for (; pixelBytes == 4 && i <= pixels - 4; i += 4)
        {
            var pixel = Vector128<int>.Zero;
            for (var c = 0; c < channels; c++) pixel |= Vector128.ShiftLeft(Lanes(source + c * plane + i), 8 * c);
            pixel.AsByte().Store(destination + 4 * i);
        }
        for (; pixelBytes == 3 && i <= pixels - 4; i += 4)
        {
            var pixel = Lanes(source + i);
            for (var c = 1; c < channels; c++) pixel |= Vector128.ShiftLeft(Lanes(source + c * plane + i), 8 * c);
            // Without every fourth byte: 12 bytes, for which there is no plain store.
            var bytes = Vector128.Shuffle(pixel.AsByte(), Vector128.Create(FirstThree));
            *(ulong*)(destination + 3 * i) = bytes.AsUInt64()[0];
            *(uint*)(destination + 3 * i + 8) = bytes.AsUInt32()[2];
        }
        for (; pixelBytes == 1 && i <= pixels - 16; i += 16)
        {
            var low = Vector128.Narrow(Lanes(source + i).AsUInt32(), Lanes(source + i + 4).AsUInt32());
            var top = Vector128.Narrow(Lanes(source + i + 8).AsUInt32(), Lanes(source + i + 12).AsUInt32());
            Vector128.Narrow(low, top).Store(destination + i);
        }
        Portable(source + i, plane, channels, pixels - i, destination + i * pixelBytes, pixelBytes, steps);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector128<int> Lanes(float* at)
        {
            var q = Vector128.Round(Vector128.Load(at) / divisor) + zero;
            q = Vector128.ConditionalSelect(Vector128.GreaterThan(q, Vector128<float>.Zero), q, Vector128<float>.Zero);
            return Vector128.ConvertToInt32(Vector128.Min(q, high));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Middle(float* source, long plane, int channels, int pixels, byte* destination, int pixelBytes, in StepProducts steps)
    {
        var middle = new MiddleSteps(steps);
        var i = 0;
        for (; pixelBytes == 4 && i <= pixels - 8; i += 8) Pixels(i).AsByte().Store(destination + 4 * i);
        var order = Vector256.Create(0, 1, 2, 4, 5, 6, 3, 7);
        for (; pixelBytes == 3 && i <= pixels - 8; i += 8)
        {
            // Without every fourth byte each half has 12; together 24, for which there is no plain store.
            var halves = Avx2.Shuffle(Pixels(i).AsByte(), Vector256.Create(Vector128.Create(FirstThree)));
            var bytes = Avx2.PermuteVar8x32(halves.AsInt32(), order).AsByte();
            bytes.GetLower().Store(destination + 3 * i);
            bytes.GetUpper().GetLower().Store(destination + 3 * i + 16);
        }
        for (; pixelBytes == 1 && i <= pixels - 32; i += 32)
        {
            var (first, second) = (middle.Of(source + i), middle.Of(source + i + 8));
            PackedBytes.Of(first, second, middle.Of(source + i + 16), middle.Of(source + i + 24)).Store(destination + i);
        }
        Narrow(source + i, plane, channels, pixels - i, destination + i * pixelBytes, pixelBytes, steps);

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<int> Pixels(int at)
        {
            var pixel = middle.Of(source + at);
            for (var c = 1; c < channels; c++) pixel |= Vector256.ShiftLeft(middle.Of(source + c * plane + at), 8 * c);
            return pixel;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(float* source, long plane, int channels, int pixels, byte* destination, int pixelBytes, in StepProducts steps)
    {
        var wide = new WideSteps(steps);
        var i = 0;
        for (; pixelBytes == 4 && i <= pixels - 16; i += 16)
        {
            var pixel = wide.Of(source + i);
            for (var c = 1; c < channels; c++) pixel |= Vector512.ShiftLeft(wide.Of(source + c * plane + i), 8 * c);
            pixel.AsByte().Store(destination + 4 * i);
        }
        var order = Vector512.Create(0, 1, 2, 4, 5, 6, 8, 9, 10, 12, 13, 14, 3, 7, 11, 15);
        for (; pixelBytes == 3 && i <= pixels - 16; i += 16)
        {
            var pixel = wide.Of(source + i);
            for (var c = 1; c < channels; c++) pixel |= Vector512.ShiftLeft(wide.Of(source + c * plane + i), 8 * c);
            // Without every fourth byte each quarter has 12; together 48, for which there is no plain store.
            var quarters = Avx512BW.Shuffle(pixel.AsByte(), Vector512.Create(Vector256.Create(Vector128.Create(FirstThree))));
            var bytes = Avx512F.PermuteVar16x32(quarters.AsInt32(), order).AsByte();
            bytes.GetLower().Store(destination + 3 * i);
            bytes.GetUpper().GetLower().Store(destination + 3 * i + 32);
        }
        for (; pixelBytes == 1 && i <= pixels - 16; i += 16)
            Avx512F.ConvertToVector128Byte(wide.Of(source + i)).Store(destination + i);
        Narrow(source + i, plane, channels, pixels - i, destination + i * pixelBytes, pixelBytes, steps);
    }
}
