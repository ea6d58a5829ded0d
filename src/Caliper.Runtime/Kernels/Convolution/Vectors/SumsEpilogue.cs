using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;
using Caliper.Engine.Values;
using Caliper.Kernels.Bytes;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>The epilogue on sums in memory, sixteen or four channels at a time, in exactly the order of <see cref="Epilogue"/>.</summary>
internal sealed unsafe class SumsEpilogue
{
    private const int Sixteen = SixteenBytes.Channels;

    private readonly Epilogue _epilogue;
    private readonly NativeBuffer _multipliers;
    private readonly bool _hasFma = !Vector128.IsHardwareAccelerated || Fma.IsSupported
        || System.Runtime.Intrinsics.Arm.AdvSimd.Arm64.IsSupported;

    public SumsEpilogue(Epilogue epilogue, KernelResources resources)
    {
        _epilogue = epilogue;
        // Channels that are not there fill up the last vector.
        _multipliers = resources.Own(new NativeBuffer(BytesOf(epilogue.Multipliers.Length)));
        epilogue.Multipliers.CopyTo(_multipliers.Span<float>());
    }

    /// <summary>What is read of the multipliers of so many channels.</summary>
    public ConstantReach Constants(int channels) => ConstantReach.Of("multipliers", _multipliers, BytesOf(channels));

    /// <summary>Writes some channels of some pixels.</summary>
    /// <param name="sums">Their sums.</param>
    /// <param name="places">Where the pixels lie.</param>
    /// <param name="output">Channel 0 of the pixel that places count from.</param>
    /// <param name="residual">The same of the residual's other operand.</param>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Write<TPlaces>(in PixelSums sums, TPlaces places, byte* output, byte* residual) where TPlaces : struct, IPixelPlaces
    {
        output += sums.Channel * (_epilogue.IsWide ? sizeof(float) : 1);
        residual += sums.Channel;
        var isFull = sums.Distance >= Sizes.RoundUp(sums.Count, Sixteen);
        if (_epilogue.IsWide) WriteWide(sums, places, output);
        else if (!isFull || !Avx2.IsSupported || !Fma.IsSupported) WriteFours(sums, places, output, residual);
        else for (var from = 0; from < sums.Count; from += Sixteen) WriteSixteen(sums, from, places, output + from, residual + from);
    }

    private static long BytesOf(int channels) => (long)Sizes.RoundUp(channels, Sixteen) * sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteSixteen<TPlaces>(in PixelSums sums, int from, TPlaces places, byte* output, byte* residual)
        where TPlaces : struct, IPixelPlaces
    {
        var own = new SixteenBytes(_epilogue, (float*)_multipliers.Start + sums.Channel + from);
        var start = sums.Start + from;
        var (distance, pixels, count) = ((nint)sums.Distance, sums.Pixels, Math.Min(Sixteen, sums.Count - from));
        if (_epilogue.Residual is { } addition)
            WriteAdded(own, new(addition, _epilogue.ZeroPoint), start, distance, pixels, count, places, output, residual);
        else if (count == Sixteen) WriteWhole(own, start, distance, pixels, places, output);
        else WritePart(own, start, distance, pixels, count, places, output);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteWhole<TPlaces>(in SixteenBytes own, int* sums, nint distance, int pixels, TPlaces places, byte* output)
        where TPlaces : struct, IPixelPlaces
    {
        for (var pixel = 0; pixel < pixels; pixel++, sums += distance) own.Of(sums).Store(output + places.Output(pixel));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WritePart<TPlaces>(
        in SixteenBytes own, int* sums, nint distance, int pixels, int count, TPlaces places, byte* output)
        where TPlaces : struct, IPixelPlaces
    {
        for (var pixel = 0; pixel < pixels; pixel++, sums += distance)
            FirstBytes.Store(own.Of(sums), output + places.Output(pixel), count);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void WriteAdded<TPlaces>(in SixteenBytes own, in ResidualSums addition, int* sums, nint distance, int pixels, int count,
        TPlaces places, byte* output, byte* residual) where TPlaces : struct, IPixelPlaces
    {
        for (var pixel = 0; pixel < pixels; pixel++, sums += distance)
        {
            var other = FirstBytes.Load(residual + places.Beside(pixel), count);
            FirstBytes.Store(own.Of(sums, addition, other), output + places.Output(pixel), count);
        }
    }

    /// <summary>The sums themselves, or floats.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteWide<TPlaces>(in PixelSums sums, TPlaces places, byte* output) where TPlaces : struct, IPixelPlaces
    {
        var (count, givesSums) = (sums.Count, _epilogue.GivesSums);
        var multipliers = (float*)_multipliers.Start + sums.Channel;
        var from = sums.Start;
        for (var pixel = 0; pixel < sums.Pixels; pixel++, from += sums.Distance)
        {
            var to = output + places.Output(pixel);
            var i = 0;
            for (; i <= count - 4; i += 4)
            {
                var four = Vector128.Load(from + i);
                if (givesSums) four.Store((int*)to + i);
                else (Vector128.ConvertToSingle(four) * Vector128.Load(multipliers + i)).Store((float*)to + i);
            }
            for (; i < count; i++)
            {
                if (givesSums) ((int*)to)[i] = from[i];
                else ((float*)to)[i] = from[i] * multipliers[i];
            }
        }
    }

    /// <summary>Bytes, four channels at a time.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void WriteFours<TPlaces>(in PixelSums sums, TPlaces places, byte* output, byte* residual) where TPlaces : struct, IPixelPlaces
    {
        var multipliers = (float*)_multipliers.Start + sums.Channel;
        for (var pixel = 0; pixel < sums.Pixels; pixel++)
        {
            WritePixel(sums.Start + (nint)pixel * sums.Distance, sums.Count, multipliers, output + places.Output(pixel),
                residual + places.Beside(pixel));
        }
    }

    private void WritePixel(int* sums, int count, float* multipliers, byte* output, byte* residual)
    {
        var (zero, addition, i) = (_epilogue.ZeroPoint, _epilogue.Residual, 0);
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
