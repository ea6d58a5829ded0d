using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The epilogue on sums in memory, eight or four channels at a time, in exactly the order of <see cref="Epilogue"/>.</summary>
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

    /// <summary>Writes one pixel's channels.</summary>
    /// <param name="sums">Sums of the channels.</param>
    /// <param name="channel">Index of the first.</param>
    /// <param name="count">How many.</param>
    /// <param name="output">Channel 0 of the pixel.</param>
    /// <param name="residual">Channel 0 of the pixel of the residual's other operand.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write(int* sums, int channel, int count, byte* output, byte* residual)
    {
        var multipliers = (float*)_multipliers.Start + channel;
        if (_epilogue.GivesSums) Buffer.MemoryCopy(sums, (int*)output + channel, 4L * count, 4L * count);
        else if (_epilogue.GivesFloat) WriteFloats(sums, multipliers, count, (float*)output + channel);
        else WriteBytes(sums, multipliers, count, output + channel, residual + channel);
    }

    private static void WriteFloats(int* sums, float* multipliers, int count, float* output)
    {
        var i = 0;
        for (; i <= count - 4; i += 4) (Vector128.ConvertToSingle(Vector128.Load(sums + i)) * Vector128.Load(multipliers + i)).Store(output + i);
        for (; i < count; i++) output[i] = sums[i] * multipliers[i];
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void WriteBytes(int* sums, float* multipliers, int count, byte* output, byte* residual)
    {
        var (i, zero, addition) = (0, _epilogue.ZeroPoint, _epilogue.Residual);
        if (Avx2.IsSupported && Fma.IsSupported)
        {
            var (low, high) = (Vector256.Create((float)(_epilogue.Low - zero)), Vector256.Create((float)(_epilogue.High - zero)));
            for (; i <= count - 8; i += 8)
            {
                var real = Vector256.ConvertToSingle(Vector256.Load(sums + i)) * Vector256.Load(multipliers + i);
                // The conversion rounds half to even.
                var q = Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(real, low), high)) + Vector256.Create((int)zero);
                if (addition is not null) q = Add(addition, Vector256.ConvertToSingle(q), residual + i);
                var words = Sse41.PackUnsignedSaturate(q.GetLower(), q.GetUpper());
                *(ulong*)(output + i) = Sse2.PackUnsignedSaturate(words.AsInt16(), words.AsInt16()).AsUInt64().ToScalar();
            }
        }
        var (least, greatest) = (Vector128.Create((float)(_epilogue.Low - zero)), Vector128.Create((float)(_epilogue.High - zero)));
        for (; i <= count - 4 && _hasFma; i += 4)
        {
            var real = Vector128.ConvertToSingle(Vector128.Load(sums + i)) * Vector128.Load(multipliers + i);
            var q = Vector128.Round(Vector128.Min(Vector128.Max(real, least), greatest)) + Vector128.Create((float)zero);
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
