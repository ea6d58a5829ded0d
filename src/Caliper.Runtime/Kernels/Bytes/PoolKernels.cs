using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using System.Runtime.Intrinsics.X86;

namespace Caliper.Kernels.Bytes;

/// <summary>The taps of one output pixel that lie inside the image.</summary>
/// <param name="First">The first of them.</param>
/// <param name="Rows">Rows of taps.</param>
/// <param name="Columns">Taps in a row.</param>
/// <param name="RowStep">Bytes from row to row.</param>
/// <param name="ColumnStep">Bytes from tap to tap.</param>
internal unsafe readonly record struct Taps(nint First, int Rows, int Columns, long RowStep, long ColumnStep);

/// <summary>The greatest byte of each channel over some taps.</summary>
internal unsafe delegate void MaxPoolKernel(in Taps taps, byte* output, int channels);

/// <summary>What a quantized average needs: <c>clamp(rne(Σ (q − z_x)·(s_x / s_y) / count) + z_y)</c>. The sum is exact; with equal scales
/// so is the quotient, as far as float32 goes, and ties go to the even level. ONNX Runtime sums in float32, and its ties fall either way.</summary>
internal readonly record struct AverageFactors(float Ratio, int InputZero, int OutputZero, byte Low, byte High);

/// <summary>The average of each channel over some taps.</summary>
internal unsafe delegate void AveragePoolKernel(in Taps taps, float count, byte* output, int channels, in AverageFactors factors);

/// <summary>Pools over NHWC bytes.</summary>
internal static unsafe class PoolKernels
{
    public static KernelTable<MaxPoolKernel> Max { get; } = new("max-pool",
        new("vector512", KernelSet.Assembled, Machine.WithoutAvx512, MaxWide),
        new("avx2", KernelSet.Avx2, Machine.WithoutAvx2, MaxMiddle),
        new("vector128", KernelSet.AdvSimd, Machine.WithoutVector128, MaxNarrow),
        new("portable", KernelSet.Portable, Machine.Nothing, (in Taps taps, byte* output, int channels) => MaxPortable(taps, output, 0, channels)));

    public static KernelTable<AveragePoolKernel> Average { get; } = new("average-pool",
        new("avx512", KernelSet.Assembled, Machine.WithoutAvx512, AverageWide),
        new("avx2", KernelSet.Avx2, Machine.WithoutAvx2, AverageMiddle),
        new("vector128", KernelSet.AdvSimd, Machine.WithoutVector128, AverageNarrow),
        new("portable", KernelSet.Portable, Machine.Nothing, (in Taps taps, float count, byte* output, int channels, in AverageFactors f) =>
            AveragePortable(taps, count, output, 0, channels, f)));

    private static void MaxPortable(in Taps taps, byte* output, int from, int channels)
    {
        for (var c = from; c < channels; c++)
        {
            byte max = 0;
            for (var y = 0; y < taps.Rows; y++)
                for (var x = 0; x < taps.Columns; x++) max = Math.Max(max, ((byte*)taps.First)[y * taps.RowStep + x * taps.ColumnStep + c]);
            output[c] = max;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaxNarrow(in Taps taps, byte* output, int channels)
    {
        // The last vector overlaps the one before: no channel beyond the end is touched.
        if (channels >= 16)
            for (var c = 0; c < channels; c += 16) MaxOf16(taps, Math.Min(c, channels - 16)).Store(output + Math.Min(c, channels - 16));
        else if (channels >= sizeof(ulong)) MaxOfFew<ulong>(taps, output, channels);
        else if (channels >= sizeof(uint)) MaxOfFew<uint>(taps, output, channels);
        else MaxPortable(taps, output, 0, channels);
    }

    /// <summary>Of fewer than two of <typeparamref name="T"/>, the first and the last.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static void MaxOfFew<T>(in Taps taps, byte* output, int channels) where T : unmanaged
    {
        var last = channels - sizeof(T);
        var (first, second) = (Vector128<byte>.Zero, Vector128<byte>.Zero);
        var row = (byte*)taps.First;
        for (var y = 0; y < taps.Rows; y++, row += taps.RowStep)
        {
            var tap = row;
            for (var x = 0; x < taps.Columns; x++, tap += taps.ColumnStep)
            {
                first = Vector128.Max(first, Vector128.CreateScalarUnsafe(*(T*)tap).AsByte());
                second = Vector128.Max(second, Vector128.CreateScalarUnsafe(*(T*)(tap + last)).AsByte());
            }
        }
        *(T*)(output + last) = second.As<byte, T>().ToScalar();
        *(T*)output = first.As<byte, T>().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<byte> MaxOf16(in Taps taps, int c)
    {
        var max = Vector128<byte>.Zero;
        var row = (byte*)taps.First + c;
        for (var y = 0; y < taps.Rows; y++, row += taps.RowStep)
        {
            var tap = row;
            for (var x = 0; x < taps.Columns; x++, tap += taps.ColumnStep) max = Vector128.Max(max, Vector128.Load(tap));
        }
        return max;
    }

    /// <summary>Two vectors at a time, the last ones as far back as they fit.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaxMiddle(in Taps taps, byte* output, int channels)
    {
        const int Width = 32;
        if (channels < Width) { MaxNarrow(taps, output, channels); return; }
        for (var at = 0; at < channels; at += 2 * Width)
        {
            var (c, d) = (Math.Min(at, Math.Max(0, channels - 2 * Width)), Math.Min(at + Width, channels - Width));
            var (first, second) = (Vector256<byte>.Zero, Vector256<byte>.Zero);
            var row = (byte*)taps.First;
            for (var y = 0; y < taps.Rows; y++, row += taps.RowStep)
            {
                var tap = row;
                for (var x = 0; x < taps.Columns; x++, tap += taps.ColumnStep)
                    (first, second) = (Vector256.Max(first, Vector256.Load(tap + c)), Vector256.Max(second, Vector256.Load(tap + d)));
            }
            first.Store(output + c);
            second.Store(output + d);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void MaxWide(in Taps taps, byte* output, int channels)
    {
        if (channels < 64) { MaxNarrow(taps, output, channels); return; }
        // The last vector overlaps the one before: no channel beyond the end is touched.
        for (var c = 0; c < channels; c += 64) MaxOf64(taps, Math.Min(c, channels - 64)).Store(output + Math.Min(c, channels - 64));
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector512<byte> MaxOf64(in Taps taps, int c)
    {
        var max = Vector512<byte>.Zero;
        var row = (byte*)taps.First + c;
        for (var y = 0; y < taps.Rows; y++, row += taps.RowStep)
        {
            var tap = row;
            for (var x = 0; x < taps.Columns; x++, tap += taps.ColumnStep) max = Vector512.Max(max, Vector512.Load(tap));
        }
        return max;
    }

    private static void AveragePortable(in Taps taps, float count, byte* output, int from, int channels, in AverageFactors f)
    {
        for (var c = from; c < channels; c++)
        {
            var sum = -taps.Rows * taps.Columns * f.InputZero;
            for (var y = 0; y < taps.Rows; y++)
                for (var x = 0; x < taps.Columns; x++) sum += ((byte*)taps.First)[y * taps.RowStep + x * taps.ColumnStep + c];
            var q = MathF.Round(sum * f.Ratio / count, MidpointRounding.ToEven) + f.OutputZero;
            output[c] = (byte)Math.Clamp(q, f.Low, f.High);
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AverageWide(in Taps taps, float count, byte* output, int channels, in AverageFactors f)
    {
        if (channels < 16) { AverageNarrow(taps, count, output, channels, f); return; }
        var zeros = Vector512.Create(-taps.Rows * taps.Columns * f.InputZero);
        var (low, high) = (Vector512.Create((float)f.Low), Vector512.Create((float)f.High));
        for (var at = 0; at < channels; at += 16)
        {
            var c = Math.Min(at, channels - 16);
            var sum = zeros;
            var row = (byte*)taps.First + c;
            for (var y = 0; y < taps.Rows; y++, row += taps.RowStep)
            {
                var tap = row;
                for (var x = 0; x < taps.Columns; x++, tap += taps.ColumnStep) sum += Avx512F.ConvertToVector512Int32(Vector128.Load(tap));
            }
            var q = Vector512.Round(Vector512.ConvertToSingle(sum) * f.Ratio / Vector512.Create(count)) + Vector512.Create((float)f.OutputZero);
            var levels = Vector512.ConvertToInt32(Vector512.Min(Vector512.Max(q, low), high));
            Avx512F.ConvertToVector128Byte(levels).Store(output + c);
        }
    }

    /// <summary>Sixteen channels at a time, whose sums fit 16 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AverageMiddle(in Taps taps, float count, byte* output, int channels, in AverageFactors f)
    {
        const int Width = 16, MostTaps = ushort.MaxValue / byte.MaxValue;
        if (channels < Width || taps.Rows * taps.Columns > MostTaps) { AverageNarrow(taps, count, output, channels, f); return; }
        var zeros = Vector256.Create(-taps.Rows * taps.Columns * f.InputZero);
        var (low, high, zero) = (Vector256.Create((float)f.Low), Vector256.Create((float)f.High), Vector256.Create((float)f.OutputZero));
        var (ratio, divisor) = (Vector256.Create(f.Ratio), Vector256.Create(count));
        for (var at = 0; at < channels; at += Width)
        {
            var c = Math.Min(at, channels - Width);
            var sum = Vector256<short>.Zero;
            var row = (byte*)taps.First + c;
            for (var y = 0; y < taps.Rows; y++, row += taps.RowStep)
            {
                var tap = row;
                for (var x = 0; x < taps.Columns; x++, tap += taps.ColumnStep) sum += Avx2.ConvertToVector256Int16(tap);
            }
            PackedBytes.Of(Levels(sum.GetLower()), Levels(sum.GetUpper())).Store(output + c);
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        Vector256<int> Levels(Vector128<short> words)
        {
            var sum = Vector256.ConvertToSingle(Avx2.ConvertToVector256Int32(words.AsUInt16()) + zeros);
            var q = Vector256.Round(sum * ratio / divisor) + zero;
            return Avx.ConvertToVector256Int32(Vector256.MinNative(high, Vector256.MaxNative(low, q)));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void AverageNarrow(in Taps taps, float count, byte* output, int channels, in AverageFactors f)
    {
        var zeros = Vector128.Create(-taps.Rows * taps.Columns * f.InputZero);
        var (low, high) = (Vector128.Create((float)f.Low), Vector128.Create((float)f.High));
        var c = 0;
        for (; c <= channels - 4; c += 4)
        {
            var sum = zeros;
            for (var y = 0; y < taps.Rows; y++)
            {
                var tap = (byte*)taps.First + y * taps.RowStep + c;
                for (var x = 0; x < taps.Columns; x++, tap += taps.ColumnStep)
                {
                    var bytes = Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(*(uint*)tap).AsByte()));
                    sum += bytes.AsInt32();
                }
            }
            var q = Vector128.Round(Vector128.ConvertToSingle(sum) * f.Ratio / Vector128.Create(count)) + Vector128.Create((float)f.OutputZero);
            var result = Vector128.ConvertToInt32(Vector128.Min(Vector128.Max(q, low), high));
            var words = Vector128.Narrow(result.AsUInt32(), result.AsUInt32());
            *(uint*)(output + c) = Vector128.Narrow(words, words).AsUInt32().ToScalar();
        }
        AveragePortable(taps, count, output, c, channels, f);
    }
}
