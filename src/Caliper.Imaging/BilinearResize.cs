using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Caliper.Imaging;

/// <summary>
/// Pillow's resize with antialiased bilinear filter (<c>Image.resize(…, BILINEAR)</c>, which torchvision calls), to the bit:
/// rows first, rounded to 8 bits, then columns. Only the window that will be kept is computed.
/// </summary>
/// <remarks>
/// Sums cannot overflow: weights are not negative and add up to 2²² (plus at most a half a tap), so a sum of levels stays
/// below 256·2²², inside 32 bits, and the rounded result never exceeds 255. The loops are compiled at full optimization
/// from the start: a run over a few hundred images is over before the runtime would get to it, and is three times as fast.
/// </remarks>
internal static class BilinearResize
{
    private const int Half = 1 << (ResampleTaps.FractionBits - 1);

    /// <summary>The window of the resized image.</summary>
    public static PixelBuffer Resize(PixelBuffer source, Geometry geometry)
    {
        var columns = new ResampleTaps(source.Size.Width, geometry.Resized.Width, geometry.Left, geometry.Size.Width);
        var rows = new ResampleTaps(source.Size.Height, geometry.Resized.Height, geometry.Top, geometry.Size.Height);
        using var narrowed = new PixelBuffer(new(geometry.Size.Width, rows.EndInput - rows.FirstInput));
        for (var y = 0; y < narrowed.Size.Height; y++) ResampleRow(source.Row(rows.FirstInput + y), narrowed.Row(y), columns);
        var result = new PixelBuffer(geometry.Size);
        for (var y = 0; y < result.Size.Height; y++)
        {
            var first = narrowed.Bytes[((rows.StartOf(y) - rows.FirstInput) * narrowed.BytesPerRow)..];
            ResampleColumns(first, narrowed.BytesPerRow, result.Row(y), rows.WeightsOf(y));
        }
        return result;
    }

    /// <summary>A vector holds the four channels of one pixel, as sums in 32 bits.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ResampleRow(ReadOnlySpan<byte> source, Span<byte> target, ResampleTaps columns)
    {
        var from = MemoryMarshal.Cast<byte, uint>(source);
        var to = MemoryMarshal.Cast<byte, uint>(target);
        for (var x = 0; x < to.Length; x++)
        {
            var weights = columns.WeightsOf(x);
            var pixels = from.Slice(columns.StartOf(x), weights.Length);
            var sum = Vector128.Create(Half);
            for (var t = 0; t < pixels.Length; t++) sum += Widen(pixels[t]) * weights[t];
            to[x] = Narrow(sum);
        }
    }

    /// <summary>Vectors hold sixteen neighbouring bytes, whatever their channel, as sums in 32 bits; the tail is done pixel
    /// by pixel.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private static void ResampleColumns(ReadOnlySpan<byte> source, int bytesPerRow, Span<byte> target, ReadOnlySpan<int> weights)
    {
        var x = 0;
        for (; x <= target.Length - Vector128<byte>.Count; x += Vector128<byte>.Count)
        {
            var sum0 = Vector128.Create(Half);
            var (sum1, sum2, sum3) = (sum0, sum0, sum0);
            for (var t = 0; t < weights.Length; t++)
            {
                var (low, high) = Vector128.Widen(Vector128.Create(source.Slice(t * bytesPerRow + x, Vector128<byte>.Count)));
                var weight = Vector128.Create(weights[t]);
                sum0 += Vector128.WidenLower(low).AsInt32() * weight;
                sum1 += Vector128.WidenUpper(low).AsInt32() * weight;
                sum2 += Vector128.WidenLower(high).AsInt32() * weight;
                sum3 += Vector128.WidenUpper(high).AsInt32() * weight;
            }
            Vector128.Narrow(
                Vector128.Narrow(Level(sum0), Level(sum1)), Vector128.Narrow(Level(sum2), Level(sum3))).CopyTo(target[x..]);
        }
        for (; x < target.Length; x += PixelBuffer.BytesPerPixel)
        {
            var sum = Vector128.Create(Half);
            for (var t = 0; t < weights.Length; t++)
                sum += Widen(MemoryMarshal.Read<uint>(source[(t * bytesPerRow + x)..])) * weights[t];
            MemoryMarshal.Write(target[x..], Narrow(sum));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<int> Widen(uint pixel) =>
        Vector128.WidenLower(Vector128.WidenLower(Vector128.CreateScalarUnsafe(pixel).AsByte())).AsInt32();

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static uint Narrow(Vector128<int> sum)
    {
        var words = Vector128.Narrow(Level(sum), Level(sum));
        return Vector128.Narrow(words, words).AsUInt32().ToScalar();
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static Vector128<uint> Level(Vector128<int> sum) => sum.AsUInt32() >>> ResampleTaps.FractionBits;
}
