using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The epilogue on sums in memory, four channels at a time, in exactly the order of <see cref="Epilogue"/>.</summary>
internal sealed unsafe class SumsEpilogue
{
    private readonly Epilogue _epilogue;
    private readonly NativeBuffer _multipliers;
    private readonly bool _hasFma = !Vector128.IsHardwareAccelerated || System.Runtime.Intrinsics.X86.Fma.IsSupported
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
        var i = 0;
        if (_epilogue.GivesSums)
        {
            new Span<int>(sums, count).CopyTo(new Span<int>((int*)output + channel, count));
            return;
        }
        if (_epilogue.GivesFloat)
        {
            for (; i <= count - 4; i += 4)
                (Vector128.ConvertToSingle(Vector128.Load(sums + i)) * Vector128.Load(multipliers + i)).Store((float*)output + channel + i);
            for (; i < count; i++) ((float*)output)[channel + i] = sums[i] * multipliers[i];
            return;
        }
        var zero = _epilogue.ZeroPoint;
        var (low, high) = (Vector128.Create((float)(_epilogue.Low - zero)), Vector128.Create((float)(_epilogue.High - zero)));
        for (; i <= count - 4 && _hasFma; i += 4)
        {
            var real = Vector128.ConvertToSingle(Vector128.Load(sums + i)) * Vector128.Load(multipliers + i);
            var q = Vector128.Round(Vector128.Min(Vector128.Max(real, low), high)) + Vector128.Create((float)zero);
            if (_epilogue.Residual is { } addition) q = Add(addition, q, residual + channel + i);
            var words = Vector128.Narrow(Vector128.ConvertToInt32(q), Vector128<int>.Zero);
            *(uint*)(output + channel + i) = Vector128.Narrow(words.AsUInt16(), Vector128<ushort>.Zero).AsUInt32().ToScalar();
        }
        for (; i < count; i++)
        {
            var q = _epilogue.Requantize(sums[i], multipliers[i]);
            output[channel + i] = _epilogue.Residual is { } addition ? addition.Add(q, residual[channel + i]) : q;
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
