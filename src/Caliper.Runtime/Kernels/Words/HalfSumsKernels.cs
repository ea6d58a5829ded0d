using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Kernels.Bytes;

namespace Caliper.Kernels.Words;

/// <summary>Brings the sums of both passes together and writes the results, as <see cref="WordEpilogue"/> says.</summary>
internal delegate void HalfSumsKernel(in HalfSums sums, in HalfSumsForm form);

/// <summary>The kernels: a channel's constants stay in registers while the pixels pass by.</summary>
internal static unsafe class HalfSumsKernels
{
    public static KernelTable<HalfSumsKernel> All { get; } = new("two passes to one result",
        new("avx512", KernelSet.Assembled, Machine.WithoutAvx512, Wide),
        new("avx2", KernelSet.Avx2, Machine.WithoutAvx2, Middle),
        new("vector128", KernelSet.AdvSimd, Machine.WithoutVector128, Narrow),
        new("portable", KernelSet.Portable, Machine.Nothing, Portable));

    private static void Portable(in HalfSums s, in HalfSumsForm form)
    {
        for (var pixel = 0; pixel < s.Pixels; pixel++)
        {
            var high = s.High + (long)pixel * s.Stride;
            var low = s.Low + (long)pixel * s.Stride;
            var output = s.Output + pixel * s.OutputStride;
            var lowOutput = s.LowOutput + pixel * s.LowOutputStride;
            for (var c = 0; c < s.Channels; c++)
            {
                var real = WordEpilogue.Real(
                    unchecked(high[c] + s.HighCorrections[c]), unchecked(low[c] + s.LowCorrections[c]), s.Multipliers[c], s.Offsets[c]);
                if (form.Result is WordResult.Floats)
                {
                    ((float*)output)[c] = real;
                    continue;
                }
                var q = WordEpilogue.Integer(real, form.ZeroPoint, form.Least, form.Greatest);
                output[c] = (byte)(form.Result is WordResult.Words ? q >> 8 : q);
                if (form.Result is WordResult.Words) lowOutput[c] = (byte)q;
            }
        }
    }

    /// <summary>Four channels at a time, where their sum fits 32 bits: there is no portable conversion of vectors of 64.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Narrow(in HalfSums s, in HalfSumsForm form)
    {
        var (least, greatest) = (Vector128.Create((float)(form.Least - form.ZeroPoint)), Vector128.Create((float)(form.Greatest - form.ZeroPoint)));
        var zero = Vector128.Create(form.ZeroPoint);
        var c = 0;
        for (; form.FitsInt32 && c <= s.Channels - 4; c += 4)
        {
            var correction = (Vector128.Load(s.HighCorrections + c) << 8) + Vector128.Load(s.LowCorrections + c);
            var (multiplier, offset) = (Vector128.Load(s.Multipliers + c), Vector128.Load(s.Offsets + c));
            for (var pixel = 0; pixel < s.Pixels; pixel++)
            {
                var at = (long)pixel * s.Stride + c;
                var sum = (Vector128.Load(s.High + at) << 8) + Vector128.Load(s.Low + at) + correction;
                var real = Vector128.FusedMultiplyAdd(Vector128.ConvertToSingle(sum), multiplier, offset);
                var output = s.Output + pixel * s.OutputStride;
                if (form.Result is WordResult.Floats)
                {
                    real.Store((float*)output + c);
                    continue;
                }
                var q = Vector128.ConvertToInt32(Vector128.Round(Vector128.Min(Vector128.Max(real, least), greatest))) + zero;
                Store(output + c, form.Result is WordResult.Words ? q >>> 8 : q);
                if (form.Result is WordResult.Words) Store(s.LowOutput + pixel * s.LowOutputStride + c, q & Vector128.Create(0xFF));
            }
        }
        if (c < s.Channels) Portable(s.WithoutFirst(c, form.Result is WordResult.Floats ? sizeof(float) : 1), form);

        static void Store(byte* to, Vector128<int> bytes)
        {
            var words = Vector128.Narrow(bytes.AsUInt32(), Vector128<uint>.Zero);
            *(uint*)to = Vector128.Narrow(words, Vector128<ushort>.Zero).AsUInt32().ToScalar();
        }
    }

    /// <summary>Sixteen channels at a time, where their sum fits 32 bits.</summary>
    private static void Middle(in HalfSums s, in HalfSumsForm form)
    {
        var c = 0;
        for (; form.FitsInt32 && c <= s.Channels - 16; c += 16) Middle(s, form, c);
        if (c < s.Channels) Narrow(s.WithoutFirst(c, form.Result is WordResult.Floats ? sizeof(float) : 1), form);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Middle(in HalfSums s, in HalfSumsForm form, int c)
    {
        var (least, greatest) = (Vector256.Create((float)(form.Least - form.ZeroPoint)), Vector256.Create((float)(form.Greatest - form.ZeroPoint)));
        var (zero, lower, result) = (Vector256.Create(form.ZeroPoint), Vector256.Create((short)0xFF), form.Result);
        var correction0 = (Vector256.Load(s.HighCorrections + c) << 8) + Vector256.Load(s.LowCorrections + c);
        var correction1 = (Vector256.Load(s.HighCorrections + c + 8) << 8) + Vector256.Load(s.LowCorrections + c + 8);
        var (multiplier0, offset0) = (Vector256.Load(s.Multipliers + c), Vector256.Load(s.Offsets + c));
        var (multiplier1, offset1) = (Vector256.Load(s.Multipliers + c + 8), Vector256.Load(s.Offsets + c + 8));
        var at = (long)c;
        byte* output = s.Output, lowOutput = s.LowOutput + c;
        for (var pixel = 0; pixel < s.Pixels; pixel++, at += s.Stride, output += s.OutputStride, lowOutput += s.LowOutputStride)
        {
            var sum0 = (Vector256.Load(s.High + at) << 8) + Vector256.Load(s.Low + at) + correction0;
            var sum1 = (Vector256.Load(s.High + at + 8) << 8) + Vector256.Load(s.Low + at + 8) + correction1;
            var real0 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sum0), multiplier0, offset0);
            var real1 = Vector256.FusedMultiplyAdd(Vector256.ConvertToSingle(sum1), multiplier1, offset1);
            if (result is WordResult.Floats)
            {
                real0.Store((float*)output + c);
                real1.Store((float*)output + c + 8);
                continue;
            }
            var words = Avx2.PackUnsignedSaturate(Integers(real0), Integers(real1)).AsInt16();
            // Upper bytes in one half and lower ones in the other; those of bytes are in both.
            var ordered = PackedBytes.Ordered(Avx2.PackUnsignedSaturate(result is WordResult.Words ? words >>> 8 : words, words & lower));
            ordered.GetLower().Store(output + c);
            if (result is WordResult.Words) ordered.GetUpper().Store(lowOutput);
        }

        // The conversion rounds half to even.
        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<int> Integers(Vector256<float> real) =>
            Avx.ConvertToVector256Int32(Vector256.MinNative(greatest, Vector256.MaxNative(least, real))) + zero;
    }

    /// <summary>Sixty-four or sixteen channels at a time. A sum that may need more than 32 bits is brought together in double, where it is
    /// exact.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(in HalfSums s, in HalfSumsForm form)
    {
        var c = 0;
        if (form is { FitsInt32: true, Result: WordResult.Words, Least: 0 })
        {
            for (; c <= s.Channels - 64; c += 64) WideWords(s, form, c);
            for (; c <= s.Channels - 32; c += 32) WideWordsOfTwo(s, form, c);
        }
        for (; c <= s.Channels - 16; c += 16) Wide(s, form, c);
        if (c < s.Channels) Narrow(s.WithoutFirst(c, form.Result is WordResult.Floats ? sizeof(float) : 1), form);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void Wide(in HalfSums s, in HalfSumsForm form, int c)
    {
        var (least, greatest) = (Vector512.Create((float)(form.Least - form.ZeroPoint)), Vector512.Create((float)(form.Greatest - form.ZeroPoint)));
        var zero = Vector512.Create(form.ZeroPoint);
        var (result, fits, pixels) = (form.Result, form.FitsInt32, s.Pixels);
        var (highCorrection, lowCorrection) = (Vector512.Load(s.HighCorrections + c), Vector512.Load(s.LowCorrections + c));
        var correction = (highCorrection << 8) + lowCorrection;
        var (multiplier, offset) = (Vector512.Load(s.Multipliers + c), Vector512.Load(s.Offsets + c));
        var at = (long)c;
        var output = s.Output;
        var lowOutput = s.LowOutput + c;
        for (var pixel = 0; pixel < pixels; pixel++, at += s.Stride, output += s.OutputStride, lowOutput += s.LowOutputStride)
        {
            var sum = fits
                ? Vector512.ConvertToSingle((Vector512.Load(s.High + at) << 8) + Vector512.Load(s.Low + at) + correction)
                : Exact(Vector512.Load(s.High + at) + highCorrection, Vector512.Load(s.Low + at) + lowCorrection);
            var real = Vector512.FusedMultiplyAdd(sum, multiplier, offset);
            if (result is WordResult.Floats)
            {
                real.Store((float*)output + c);
                continue;
            }
            // The conversion rounds half to even.
            var q = Avx512F.ConvertToVector512Int32(Vector512.Min(Vector512.Max(real, least), greatest)) + zero;
            Avx512F.ConvertToVector128Byte(result is WordResult.Words ? q >>> 8 : q).Store(output + c);
            if (result is WordResult.Words) Avx512F.ConvertToVector128Byte(q).Store(lowOutput);
        }
    }

    /// <summary>Words of 64 channels, whose bytes are packed together. Packing works on quarters of vectors; one permutation brings both
    /// results into order. What is far below the least word becomes the least integer when it is converted, and packing makes that 0.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideWords(in HalfSums s, in HalfSumsForm form, int c)
    {
        var greatest = Vector512.Create((float)(form.Greatest - form.ZeroPoint));
        var (zero, lower) = (Vector512.Create(form.ZeroPoint), Vector512.Create((short)0xFF));
        var order = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Vector512<int> c0 = Correction(s, c), c1 = Correction(s, c + 16), c2 = Correction(s, c + 32), c3 = Correction(s, c + 48);
        Vector512<float> m0 = Vector512.Load(s.Multipliers + c), m1 = Vector512.Load(s.Multipliers + c + 16),
            m2 = Vector512.Load(s.Multipliers + c + 32), m3 = Vector512.Load(s.Multipliers + c + 48);
        Vector512<float> o0 = Vector512.Load(s.Offsets + c), o1 = Vector512.Load(s.Offsets + c + 16),
            o2 = Vector512.Load(s.Offsets + c + 32), o3 = Vector512.Load(s.Offsets + c + 48);
        var (high, low, output, lowOutput) = ((nint)(s.High + c), (nint)(s.Low + c), (nint)(s.Output + c), (nint)(s.LowOutput + c));
        for (var pixel = 0; pixel < s.Pixels; pixel++)
        {
            var w0 = Word(high, low, c0, m0, o0, greatest, zero);
            var w1 = Word(high + 64, low + 64, c1, m1, o1, greatest, zero);
            var w2 = Word(high + 128, low + 128, c2, m2, o2, greatest, zero);
            var w3 = Word(high + 192, low + 192, c3, m3, o3, greatest, zero);
            var (first, second) = (Avx512BW.PackUnsignedSaturate(w0, w1).AsInt16(), Avx512BW.PackUnsignedSaturate(w2, w3).AsInt16());
            var upper = Avx512BW.PackUnsignedSaturate(first >>> 8, second >>> 8);
            Avx512F.PermuteVar16x32(upper.AsInt32(), order).AsByte().Store((byte*)output);
            var lowest = Avx512BW.PackUnsignedSaturate(first & lower, second & lower);
            Avx512F.PermuteVar16x32(lowest.AsInt32(), order).AsByte().Store((byte*)lowOutput);
            high += s.Stride * sizeof(int);
            low += s.Stride * sizeof(int);
            output += (nint)s.OutputStride;
            lowOutput += (nint)s.LowOutputStride;
        }
    }

    /// <summary>The same for 32 channels of two pixels. The same permutation puts one pixel after the other.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WideWordsOfTwo(in HalfSums s, in HalfSumsForm form, int c)
    {
        var greatest = Vector512.Create((float)(form.Greatest - form.ZeroPoint));
        var (zero, lower) = (Vector512.Create(form.ZeroPoint), Vector512.Create((short)0xFF));
        var order = Vector512.Create(0, 4, 8, 12, 1, 5, 9, 13, 2, 6, 10, 14, 3, 7, 11, 15);
        Vector512<int> c0 = Correction(s, c), c1 = Correction(s, c + 16);
        Vector512<float> m0 = Vector512.Load(s.Multipliers + c), m1 = Vector512.Load(s.Multipliers + c + 16);
        Vector512<float> o0 = Vector512.Load(s.Offsets + c), o1 = Vector512.Load(s.Offsets + c + 16);
        var (high, low, output, lowOutput) = ((nint)(s.High + c), (nint)(s.Low + c), (nint)(s.Output + c), (nint)(s.LowOutput + c));
        for (var pixel = 0; pixel < s.Pixels; pixel += 2)
        {
            // A last pixel alone is computed twice, and written to the same place.
            var isPair = pixel + 1 < s.Pixels;
            var next = isPair ? (nint)s.Stride * sizeof(int) : 0;
            var w0 = Word(high, low, c0, m0, o0, greatest, zero);
            var w1 = Word(high + 64, low + 64, c1, m1, o1, greatest, zero);
            var w2 = Word(high + next, low + next, c0, m0, o0, greatest, zero);
            var w3 = Word(high + next + 64, low + next + 64, c1, m1, o1, greatest, zero);
            var (first, second) = (Avx512BW.PackUnsignedSaturate(w0, w1).AsInt16(), Avx512BW.PackUnsignedSaturate(w2, w3).AsInt16());
            var upper = Avx512F.PermuteVar16x32(Avx512BW.PackUnsignedSaturate(first >>> 8, second >>> 8).AsInt32(), order).AsByte();
            var lowest = Avx512F.PermuteVar16x32(Avx512BW.PackUnsignedSaturate(first & lower, second & lower).AsInt32(), order).AsByte();
            upper.GetLower().Store((byte*)output);
            upper.GetUpper().Store((byte*)(output + (isPair ? (nint)s.OutputStride : 0)));
            lowest.GetLower().Store((byte*)lowOutput);
            lowest.GetUpper().Store((byte*)(lowOutput + (isPair ? (nint)s.LowOutputStride : 0)));
            high += 2 * next;
            low += 2 * next;
            output += 2 * (nint)s.OutputStride;
            lowOutput += 2 * (nint)s.LowOutputStride;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<int> Word(nint highSums, nint lowSums, Vector512<int> correction, Vector512<float> multiplier, Vector512<float> offset,
        Vector512<float> greatest, Vector512<int> zero)
    {
        var sum = (Vector512.Load((int*)highSums) << 8) + Vector512.Load((int*)lowSums) + correction;
        var real = Vector512.FusedMultiplyAdd(Vector512.ConvertToSingle(sum), multiplier, offset);
        return Avx512F.ConvertToVector512Int32(Vector512.Min(real, greatest)) + zero;
    }

    private static Vector512<int> Correction(in HalfSums s, int c) =>
        (Vector512.Load(s.HighCorrections + c) << 8) + Vector512.Load(s.LowCorrections + c);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<float> Exact(Vector512<int> high, Vector512<int> low)
    {
        var factor = Vector512.Create(256.0);
        var first = Avx512F.ConvertToVector512Double(high.GetLower()) * factor + Avx512F.ConvertToVector512Double(low.GetLower());
        var second = Avx512F.ConvertToVector512Double(high.GetUpper()) * factor + Avx512F.ConvertToVector512Double(low.GetUpper());
        return Vector512.Create(Avx512F.ConvertToVector256Single(first), Avx512F.ConvertToVector256Single(second));
    }
}
