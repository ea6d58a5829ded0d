using System.Numerics;
using System.Runtime.InteropServices;

namespace Caliper.Numerics;

/// <summary>
/// The loops of <see cref="Quantizer"/> for 8-bit types. Four vectors of floats make one of bytes; what is left over goes
/// through <see cref="QuantizerReference"/>, which gives the same bits.
/// </summary>
internal static class QuantizerKernels
{
    public static void Quantize<TScaling>(
        ReadOnlySpan<float> source, Span<byte> destination, QuantizationParameters parameters, int channel, QuantizationRule rule)
        where TScaling : IScaling
    {
        var quantizer = new VectorQuantizer<TScaling>(parameters, channel);
        var floats = MemoryMarshal.Cast<float, Vector<float>>(source);
        var bytes = MemoryMarshal.Cast<byte, Vector<byte>>(destination[..source.Length]);
        for (var i = 0; i < bytes.Length; i++)
        {
            var four = floats.Slice(4 * i, 4);
            // Narrowing drops upper bytes: each lane is already within 8 bits, signed or unsigned.
            var low = Vector.Narrow(quantizer.Quantize(four[0]), quantizer.Quantize(four[1]));
            var high = Vector.Narrow(quantizer.Quantize(four[2]), quantizer.Quantize(four[3]));
            bytes[i] = Vector.AsVectorByte(Vector.Narrow(low, high));
        }
        for (var i = bytes.Length * Vector<byte>.Count; i < source.Length; i++)
            destination[i] = (byte)QuantizerReference.Quantize(source[i], parameters, channel, rule);
    }

    public static void FakeQuantize<TScaling>(
        ReadOnlySpan<float> source, Span<float> destination, QuantizationParameters parameters, int channel,
        QuantizationRule rule)
        where TScaling : IScaling
    {
        var quantizer = new VectorQuantizer<TScaling>(parameters, channel);
        var from = MemoryMarshal.Cast<float, Vector<float>>(source);
        var to = MemoryMarshal.Cast<float, Vector<float>>(destination[..source.Length]);
        for (var i = 0; i < from.Length; i++) to[i] = quantizer.FakeQuantize(from[i]);
        for (var i = from.Length * Vector<float>.Count; i < source.Length; i++)
        {
            var q = QuantizerReference.Quantize(source[i], parameters, channel, rule);
            destination[i] = QuantizerReference.Dequantize(q, parameters, channel);
        }
    }

    public static void Dequantize(
        ReadOnlySpan<byte> source, Span<float> destination, QuantizationParameters parameters, int channel)
    {
        var (scale, zeroPoint) = (new Vector<float>(parameters.Scales[channel]), new Vector<int>(parameters.ZeroPoints[channel]));
        var bytes = MemoryMarshal.Cast<byte, Vector<byte>>(source);
        var floats = MemoryMarshal.Cast<float, Vector<float>>(destination[..source.Length]);
        for (var i = 0; i < bytes.Length; i++)
        {
            Vector.Widen(bytes[i], out var low, out var high);
            Vector.Widen(low, out var q0, out var q1);
            Vector.Widen(high, out var q2, out var q3);
            var four = floats.Slice(4 * i, 4);
            (four[0], four[1]) = (Real(Vector.AsVectorInt32(q0)), Real(Vector.AsVectorInt32(q1)));
            (four[2], four[3]) = (Real(Vector.AsVectorInt32(q2)), Real(Vector.AsVectorInt32(q3)));
        }
        for (var i = bytes.Length * Vector<byte>.Count; i < source.Length; i++)
            destination[i] = QuantizerReference.Dequantize(source[i], parameters, channel);

        Vector<float> Real(Vector<int> q) => Vector.ConvertToSingle(q - zeroPoint) * scale;
    }

    public static void Dequantize(
        ReadOnlySpan<sbyte> source, Span<float> destination, QuantizationParameters parameters, int channel)
    {
        var (scale, zeroPoint) = (new Vector<float>(parameters.Scales[channel]), new Vector<int>(parameters.ZeroPoints[channel]));
        var bytes = MemoryMarshal.Cast<sbyte, Vector<sbyte>>(source);
        var floats = MemoryMarshal.Cast<float, Vector<float>>(destination[..source.Length]);
        for (var i = 0; i < bytes.Length; i++)
        {
            Vector.Widen(bytes[i], out var low, out var high);
            Vector.Widen(low, out var q0, out var q1);
            Vector.Widen(high, out var q2, out var q3);
            var four = floats.Slice(4 * i, 4);
            (four[0], four[1], four[2], four[3]) = (Real(q0), Real(q1), Real(q2), Real(q3));
        }
        for (var i = bytes.Length * Vector<sbyte>.Count; i < source.Length; i++)
            destination[i] = QuantizerReference.Dequantize(source[i], parameters, channel);

        Vector<float> Real(Vector<int> q) => Vector.ConvertToSingle(q - zeroPoint) * scale;
    }
}
