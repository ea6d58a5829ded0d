using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Kernels.Bytes;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The epilogue on sums in memory, sixteen or four channels at a time, in exactly the order of <see cref="Epilogue"/>.</summary>
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
            var bounds = new Bounds(_epilogue);
            var addition = _epilogue.Residual is { } added ? new Addition(added) : default;
            for (; from <= count - 16; from += 16)
            {
                if (_epilogue.Residual is null) Sixteen(sums, from, bounds, output + from, outputStep);
                else Sixteen(sums, from, bounds, addition, output + from, outputStep, residual + from, residualStep);
            }
        }
        for (var pixel = 0; from < count && pixel < sums.Pixels; pixel++, output += outputStep, residual += residualStep)
            Rest(sums.Start + pixel * sums.Distance, from, count, (float*)_multipliers.Start + sums.Channel, output, residual);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Sixteen(in PixelSums sums, int from, in Bounds bounds, byte* output, int outputStep)
    {
        var (first, second, own) = (Multipliers(sums, from), Multipliers(sums, from + 8), bounds);
        var zero = Vector256.Create((short)_epilogue.ZeroPoint);
        var (at, distance) = ((nint)(sums.Start + from), sums.Distance * sizeof(int));
        for (var pixel = 0; pixel < sums.Pixels; pixel++, at += distance, output += outputStep)
        {
            // The conversion rounds half to even.
            var (a, b) = (Avx.ConvertToVector256Int32(own.Real((int*)at, first)), Avx.ConvertToVector256Int32(own.Real((int*)at + 8, second)));
            Store(Avx2.PackSignedSaturate(a, b) + zero, output);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void Sixteen(in PixelSums sums, int from, in Bounds bounds, in Addition addition, byte* output, int outputStep, byte* residual,
        int residualStep)
    {
        var (first, second, own, added) = (Multipliers(sums, from), Multipliers(sums, from + 8), bounds, addition);
        var zero = Vector256.Create((float)_epilogue.ZeroPoint);
        var (at, distance) = ((nint)(sums.Start + from), sums.Distance * sizeof(int));
        for (var pixel = 0; pixel < sums.Pixels; pixel++, at += distance, output += outputStep, residual += residualStep)
        {
            var a = added.To(Avx.RoundToNearestInteger(own.Real((int*)at, first)) + zero, residual);
            var b = added.To(Avx.RoundToNearestInteger(own.Real((int*)at + 8, second)) + zero, residual + 8);
            Store(Avx2.PackSignedSaturate(a, b), output);
        }
    }

    private Vector256<float> Multipliers(in PixelSums sums, int from) => Vector256.Load((float*)_multipliers.Start + sums.Channel + from);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void Store(Vector256<short> words, byte* output) =>
        PackedBytes.Ordered(Avx2.PackUnsignedSaturate(words, words)).GetLower().Store(output);

    /// <summary>What no vector of sixteen takes of a pixel.</summary>
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

    /// <summary>The range of the convolution's own bytes, less the zero point.</summary>
    private readonly struct Bounds(Epilogue epilogue)
    {
        private readonly Vector256<float> _low = Vector256.Create((float)(epilogue.Low - epilogue.ZeroPoint));
        private readonly Vector256<float> _high = Vector256.Create((float)(epilogue.High - epilogue.ZeroPoint));

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<float> Real(int* sums, Vector256<float> multipliers) =>
            Avx.Min(Avx.Max(Vector256.ConvertToSingle(Vector256.Load(sums)) * multipliers, _low), _high);
    }

    /// <summary>See <see cref="Residual.Add"/>.</summary>
    private readonly struct Addition(Residual residual)
    {
        private readonly Vector256<float> _own = Vector256.Create(residual.OwnRatio), _other = Vector256.Create(residual.OtherRatio);
        private readonly Vector256<float> _offset = Vector256.Create(residual.Offset);
        private readonly Vector256<float> _low = Vector256.Create((float)residual.Low), _high = Vector256.Create((float)residual.High);
        private readonly bool _ownIsInner = residual.OwnIsInner;

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        public Vector256<int> To(Vector256<float> own, byte* residual)
        {
            var other = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(residual));
            var sum = _ownIsInner ? Fma.MultiplyAdd(other, _other, Fma.MultiplyAdd(own, _own, _offset))
                : Fma.MultiplyAdd(own, _own, Fma.MultiplyAdd(other, _other, _offset));
            return Avx.ConvertToVector256Int32(Avx.Min(Avx.Max(sum, _low), _high));
        }
    }
}
