using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The epilogue on sums in memory, sixteen, eight or four channels at a time, in exactly the order of <see cref="Epilogue"/>.</summary>
internal sealed unsafe class SumsEpilogue
{
    private readonly Epilogue _epilogue;
    private readonly NativeBuffer _multipliers;
    private readonly bool _hasFma = !Vector128.IsHardwareAccelerated || Fma.IsSupported
        || System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported;

    public SumsEpilogue(Epilogue epilogue, KernelResources resources)
    {
        _epilogue = epilogue;
        _multipliers = resources.Own(new NativeBuffer(epilogue.Multipliers.Length * sizeof(float)));
        epilogue.Multipliers.CopyTo(_multipliers.Span<float>());
    }

    /// <summary>What is read of the multipliers of so many channels.</summary>
    public ConstantReach Constants(int channels) => ConstantReach.Of("multipliers", _multipliers, (long)channels * sizeof(float));

    /// <summary>Writes some channels of pixels that lie at equal distances.</summary>
    /// <param name="sums">Their sums.</param>
    /// <param name="output">Channel 0 of the first pixel.</param>
    /// <param name="outputStep">Bytes from pixel to pixel.</param>
    /// <param name="residual">Channel 0 of the first pixel of the residual's other operand.</param>
    /// <param name="residualStep">Bytes from pixel to pixel.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(in PixelSums sums, byte* output, int outputStep, byte* residual, int residualStep)
    {
        var (from, count, step) = (0, sums.Count, _epilogue.IsWide ? sizeof(float) : 1);
        output += sums.Channel * step;
        residual += sums.Channel;
        if (Avx2.IsSupported && Fma.IsSupported && !_epilogue.IsWide)
        {
            if (_epilogue.Residual is null) for (; from <= count - 16; from += 16) Sixteen(sums, from, output + from, outputStep);
            for (; from <= count - 8; from += 8) Eight(sums, from, output + from, outputStep, residual + from, residualStep);
        }
        for (var pixel = 0; from < count && pixel < sums.Pixels; pixel++, output += outputStep, residual += residualStep)
            Rest(sums.Start + pixel * sums.Distance, from, count, (float*)_multipliers.Start + sums.Channel, output, residual);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Sixteen(in PixelSums sums, int from, byte* output, int outputStep)
    {
        var multipliers = (float*)_multipliers.Start + sums.Channel + from;
        Vector256<float> m0 = Vector256.Load(multipliers), m1 = Vector256.Load(multipliers + 8);
        var (low, high, zero) = (Vector256.Create((float)(_epilogue.Low - _epilogue.ZeroPoint)),
            Vector256.Create((float)(_epilogue.High - _epilogue.ZeroPoint)), Vector256.Create((short)_epilogue.ZeroPoint));
        // Packing works on halves of vectors.
        var order = Vector256.Create(0, 4, 1, 5, 0, 4, 1, 5);
        var at = sums.Start + from;
        var distance = sums.Distance;
        for (var pixel = 0; pixel < sums.Pixels; pixel++, at += distance, output += outputStep)
        {
            var words = Avx2.PackSignedSaturate(Integers(at, m0, low, high), Integers(at + 8, m1, low, high)) + zero;
            Avx2.PermuteVar8x32(Avx2.PackUnsignedSaturate(words, words).AsInt32(), order).GetLower().AsByte().Store(output);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Eight(in PixelSums sums, int from, byte* output, int outputStep, byte* residual, int residualStep)
    {
        var multipliers = Vector256.Load((float*)_multipliers.Start + sums.Channel + from);
        var (low, high, zero) = (Vector256.Create((float)(_epilogue.Low - _epilogue.ZeroPoint)),
            Vector256.Create((float)(_epilogue.High - _epilogue.ZeroPoint)), Vector256.Create((int)_epilogue.ZeroPoint));
        var (at, distance, addition) = ((nint)(sums.Start + from), sums.Distance * sizeof(int), _epilogue.Residual);
        for (var pixel = 0; pixel < sums.Pixels; pixel++, at += distance, output += outputStep, residual += residualStep)
        {
            var q = Integers((int*)at, multipliers, low, high) + zero;
            if (addition is not null) q = Add(addition, Vector256.ConvertToSingle(q), residual);
            var words = Sse41.PackUnsignedSaturate(q.GetLower(), q.GetUpper()).AsInt16();
            *(ulong*)output = Sse2.PackUnsignedSaturate(words, words).AsUInt64().ToScalar();
        }
    }

    /// <summary>The conversion rounds half to even.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Integers(int* sums, Vector256<float> multipliers, Vector256<float> low, Vector256<float> high) =>
        Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(Vector256.ConvertToSingle(Vector256.Load(sums)) * multipliers, low), high));

    /// <summary>What no vector of eight takes of a pixel.</summary>
    private void Rest(int* sums, int i, int count, float* multipliers, byte* output, byte* residual)
    {
        if (_epilogue.GivesSums)
        {
            new Span<int>(sums + i, count - i).CopyTo(new Span<int>((int*)output + i, count - i));
            return;
        }
        if (_epilogue.GivesFloat)
        {
            for (; i <= count - 4; i += 4)
                (Vector128.ConvertToSingle(Vector128.Load(sums + i)) * Vector128.Load(multipliers + i)).Store((float*)output + i);
            for (; i < count; i++) ((float*)output)[i] = sums[i] * multipliers[i];
            return;
        }
        var (zero, addition) = (_epilogue.ZeroPoint, _epilogue.Residual);
        var (low, high) = (Vector128.Create((float)(_epilogue.Low - zero)), Vector128.Create((float)(_epilogue.High - zero)));
        for (; i <= count - 4 && _hasFma; i += 4)
        {
            var real = Vector128.ConvertToSingle(Vector128.Load(sums + i)) * Vector128.Load(multipliers + i);
            var q = Vector128.Round(Vector128.Min(Vector128.Max(real, low), high)) + Vector128.Create((float)zero);
            if (addition is not null) q = Add(addition, q, residual + i);
            var words = Vector128.Narrow(Vector128.ConvertToInt32(q), Vector128<int>.Zero);
            *(uint*)(output + i) = Vector128.Narrow(words.AsUInt16(), Vector128<ushort>.Zero).AsUInt32().ToScalar();
        }
        for (; i < count; i++)
        {
            var q = _epilogue.Requantize(sums[i], multipliers[i]);
            output[i] = addition is null ? q : addition.Add(q, residual[i]);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector256<int> Add(Residual addition, Vector256<float> own, byte* residual)
    {
        var other = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(residual));
        var (ownRatio, otherRatio) = (Vector256.Create(addition.OwnRatio), Vector256.Create(addition.OtherRatio));
        var offset = Vector256.Create(addition.Offset);
        var sum = addition.OwnIsInner
            ? Fma.MultiplyAdd(other, otherRatio, Fma.MultiplyAdd(own, ownRatio, offset))
            : Fma.MultiplyAdd(own, ownRatio, Fma.MultiplyAdd(other, otherRatio, offset));
        return Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(sum, Vector256.Create((float)addition.Low)), Vector256.Create((float)addition.High)));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<float> Add(Residual addition, Vector128<float> own, byte* residual)
    {
        var bytes = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)residual).AsByte()));
        var other = Vector128.ConvertToSingle(bytes.AsInt32());
        var (ownRatio, otherRatio) = (Vector128.Create(addition.OwnRatio), Vector128.Create(addition.OtherRatio));
        var offset = Vector128.Create(addition.Offset);
        var sum = addition.OwnIsInner
            ? Vector128.FusedMultiplyAdd(other, otherRatio, Vector128.FusedMultiplyAdd(own, ownRatio, offset))
            : Vector128.FusedMultiplyAdd(own, ownRatio, Vector128.FusedMultiplyAdd(other, otherRatio, offset));
        return Vector128.Round(Vector128.Min(Vector128.Max(sum, Vector128.Create((float)addition.Low)), Vector128.Create((float)addition.High)));
    }
}

/// <summary>Sums of some channels of some pixels.</summary>
/// <param name="start">The first channel of the first pixel.</param>
/// <param name="distance">Sums from pixel to pixel.</param>
/// <param name="pixels">How many pixels.</param>
/// <param name="channel">Index of the first channel.</param>
/// <param name="count">How many channels.</param>
internal readonly unsafe struct PixelSums(int* start, int distance, int pixels, int channel, int count)
{
    public readonly int* Start = start;
    public readonly int Distance = distance, Pixels = pixels, Channel = channel, Count = count;
}
