using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

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

    /// <summary>Whether <see cref="Of"/> may be used.</summary>
    public bool TakesSixteen => Avx2.IsSupported && Fma.IsSupported && !_epilogue.IsWide;

    /// <summary>Whether something is added.</summary>
    public bool HasResidual => _epilogue.Residual is not null;

    /// <summary>The addition, where there is one.</summary>
    public ResidualSums Addition => new(_epilogue.Residual!, _epilogue.ZeroPoint);

    /// <summary>The epilogue of sixteen channels.</summary>
    public SixteenBytes Of(int channel) => new(_epilogue, (float*)_multipliers.Start + channel);

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
        for (; TakesSixteen && from <= count - 16; from += 16)
        {
            var own = Of(sums.Channel + from);
            var (at, distance, to) = ((nint)(sums.Start + from), sums.Distance * sizeof(int), (nint)output + from);
            if (!HasResidual)
            {
                for (var pixel = 0; pixel < sums.Pixels; pixel++, at += distance, to += outputStep)
                    own.Write(Vector256.Load((int*)at), Vector256.Load((int*)at + 8), (byte*)to);
                continue;
            }
            var (addition, other) = (Addition, (nint)residual + from);
            for (var pixel = 0; pixel < sums.Pixels; pixel++, at += distance, to += outputStep, other += residualStep)
                own.Write(Vector256.Load((int*)at), Vector256.Load((int*)at + 8), addition, (byte*)to, (byte*)other);
        }
        for (var pixel = 0; from < count && pixel < sums.Pixels; pixel++, output += outputStep, residual += residualStep)
            Rest(sums.Start + pixel * sums.Distance, from, count, (float*)_multipliers.Start + sums.Channel, output, residual);
    }

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
        for (; i <= count - 4 && (_hasFma || addition is null); i += 4)
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
}
