using System.Runtime.InteropServices;
using Caliper.Graphs;

namespace Caliper.Numerics;

/// <summary>
/// Real numbers to integers and back. Half-way values round to even, values beyond the range saturate (infinities too), and
/// NaN becomes the least integer, which is what ONNX Runtime and PyTorch make of it on x86. The results have the same bits
/// on every processor.
/// </summary>
public static class Quantizer
{
    /// <summary>Quantizes to unsigned bytes: <c>clamp(rne(x / scale) + zero_point)</c>.</summary>
    /// <param name="source">Real numbers.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    /// <param name="parameters">Of a whole tensor of <see cref="ElementType.UInt8"/>.</param>
    /// <param name="rule">How to divide by the scale.</param>
    /// <exception cref="ArgumentException">The destination is too short, or the parameters are per channel or of another
    /// type.</exception>
    public static void Quantize(
        ReadOnlySpan<float> source, Span<byte> destination, QuantizationParameters parameters,
        QuantizationRule rule = QuantizationRule.Onnx)
    {
        Check(parameters, ElementType.UInt8, source.Length, destination.Length);
        QuantizeChannel(source, destination, parameters, 0, rule);
    }

    /// <summary>Quantizes to signed bytes: <c>clamp(rne(x / scale) + zero_point)</c>.</summary>
    /// <param name="source">Real numbers.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    /// <param name="parameters">Of a whole tensor of <see cref="ElementType.Int8"/>.</param>
    /// <param name="rule">How to divide by the scale.</param>
    /// <exception cref="ArgumentException">The destination is too short, or the parameters are per channel or of another
    /// type.</exception>
    public static void Quantize(
        ReadOnlySpan<float> source, Span<sbyte> destination, QuantizationParameters parameters,
        QuantizationRule rule = QuantizationRule.Onnx)
    {
        Check(parameters, ElementType.Int8, source.Length, destination.Length);
        QuantizeChannel(source, MemoryMarshal.AsBytes(destination), parameters, 0, rule);
    }

    /// <summary>Quantizes to 32 bits: <c>clamp(rne(x / scale) + zero_point)</c>.</summary>
    /// <param name="source">Real numbers.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    /// <param name="parameters">Of a whole tensor of <see cref="ElementType.Int32"/>.</param>
    /// <param name="rule">How to divide by the scale.</param>
    /// <exception cref="ArgumentException">The destination is too short, or the parameters are per channel or of another
    /// type.</exception>
    public static void Quantize(
        ReadOnlySpan<float> source, Span<int> destination, QuantizationParameters parameters,
        QuantizationRule rule = QuantizationRule.Onnx)
    {
        Check(parameters, ElementType.Int32, source.Length, destination.Length);
        QuantizeChannel(source, MemoryMarshal.AsBytes(destination), parameters, 0, rule);
    }

    /// <summary>The real numbers that unsigned bytes stand for: <c>(q − zero_point) · scale</c>.</summary>
    /// <param name="source">Quantized integers.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    /// <param name="parameters">Of a whole tensor of <see cref="ElementType.UInt8"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short, or the parameters are per channel or of another
    /// type.</exception>
    public static void Dequantize(ReadOnlySpan<byte> source, Span<float> destination, QuantizationParameters parameters)
    {
        Check(parameters, ElementType.UInt8, source.Length, destination.Length);
        DequantizeChannel(source, destination, parameters, 0);
    }

    /// <summary>The real numbers that signed bytes stand for: <c>(q − zero_point) · scale</c>.</summary>
    /// <param name="source">Quantized integers.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    /// <param name="parameters">Of a whole tensor of <see cref="ElementType.Int8"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short, or the parameters are per channel or of another
    /// type.</exception>
    public static void Dequantize(ReadOnlySpan<sbyte> source, Span<float> destination, QuantizationParameters parameters)
    {
        Check(parameters, ElementType.Int8, source.Length, destination.Length);
        DequantizeChannel(MemoryMarshal.AsBytes(source), destination, parameters, 0);
    }

    /// <summary>The real numbers that 32-bit integers stand for: <c>(q − zero_point) · scale</c>.</summary>
    /// <param name="source">Quantized integers.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>.</param>
    /// <param name="parameters">Of a whole tensor of <see cref="ElementType.Int32"/>.</param>
    /// <exception cref="ArgumentException">The destination is too short, or the parameters are per channel or of another
    /// type.</exception>
    public static void Dequantize(ReadOnlySpan<int> source, Span<float> destination, QuantizationParameters parameters)
    {
        Check(parameters, ElementType.Int32, source.Length, destination.Length);
        DequantizeChannel(MemoryMarshal.AsBytes(source), destination, parameters, 0);
    }

    /// <summary>Quantizes and dequantizes: what is left of real numbers after quantization.</summary>
    /// <param name="source">Real numbers.</param>
    /// <param name="destination">At least as long as <paramref name="source"/>; may be the same memory.</param>
    /// <param name="parameters">Of a whole tensor.</param>
    /// <param name="rule">How to divide by the scale.</param>
    /// <exception cref="ArgumentException">The destination is too short, or the parameters are per channel.</exception>
    public static void FakeQuantize(
        ReadOnlySpan<float> source, Span<float> destination, QuantizationParameters parameters,
        QuantizationRule rule = QuantizationRule.Onnx)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        Check(parameters, parameters.Type.Storage, source.Length, destination.Length);
        FakeQuantizeChannel(source, destination, parameters, 0, rule);
    }

    /// <summary>Quantizes a float tensor.</summary>
    /// <param name="tensor">Float32, of any shape.</param>
    /// <param name="parameters">Of the whole tensor, or of each index along an axis.</param>
    /// <param name="rule">How to divide by the scale.</param>
    /// <returns>A tensor of the parameters' storage type and the same shape.</returns>
    /// <exception cref="CaliperException">The tensor is not Float32, or the channels do not match its shape.</exception>
    public static Tensor Quantize(Tensor tensor, QuantizationParameters parameters, QuantizationRule rule = QuantizationRule.Onnx)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(parameters);
        var layout = new ChannelLayout(tensor, ElementType.Float32, parameters);
        var width = parameters.Type.Bits / 8;
        var bytes = new byte[checked(tensor.Count * width)];
        for (int start = 0, run = 0; start < tensor.Count; start += layout.RunLength, run++)
        {
            QuantizeChannel(
                tensor.Span<float>().Slice(start, layout.RunLength), bytes.AsSpan(start * width, layout.RunLength * width),
                parameters, run % parameters.Channels, rule);
        }
        return new Tensor(parameters.Type.Storage, tensor.Shape, bytes);
    }

    /// <summary>The real numbers that a quantized tensor stands for.</summary>
    /// <param name="tensor">Of the parameters' storage type, of any shape.</param>
    /// <param name="parameters">Of the whole tensor, or of each index along an axis.</param>
    /// <returns>A Float32 tensor of the same shape.</returns>
    /// <exception cref="CaliperException">The tensor is of another type, or the channels do not match its shape.</exception>
    public static Tensor Dequantize(Tensor tensor, QuantizationParameters parameters)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(parameters);
        var layout = new ChannelLayout(tensor, parameters.Type.Storage, parameters);
        var width = parameters.Type.Bits / 8;
        var real = new float[tensor.Count];
        for (int start = 0, run = 0; start < real.Length; start += layout.RunLength, run++)
        {
            DequantizeChannel(
                tensor.Bytes.Span.Slice(start * width, layout.RunLength * width), real.AsSpan(start, layout.RunLength),
                parameters, run % parameters.Channels);
        }
        return Tensor.Of(tensor.Shape, real);
    }

    /// <summary>Quantizes and dequantizes a float tensor.</summary>
    /// <param name="tensor">Float32, of any shape.</param>
    /// <param name="parameters">Of the whole tensor, or of each index along an axis.</param>
    /// <param name="rule">How to divide by the scale.</param>
    /// <returns>A Float32 tensor of the same shape.</returns>
    /// <exception cref="CaliperException">The tensor is not Float32, or the channels do not match its shape.</exception>
    public static Tensor FakeQuantize(
        Tensor tensor, QuantizationParameters parameters, QuantizationRule rule = QuantizationRule.Onnx)
    {
        ArgumentNullException.ThrowIfNull(tensor);
        ArgumentNullException.ThrowIfNull(parameters);
        var layout = new ChannelLayout(tensor, ElementType.Float32, parameters);
        var real = new float[tensor.Count];
        for (int start = 0, run = 0; start < real.Length; start += layout.RunLength, run++)
        {
            FakeQuantizeChannel(
                tensor.Span<float>().Slice(start, layout.RunLength), real.AsSpan(start, layout.RunLength),
                parameters, run % parameters.Channels, rule);
        }
        return Tensor.Of(tensor.Shape, real);
    }

    private static void QuantizeChannel(
        ReadOnlySpan<float> source, Span<byte> destination, QuantizationParameters parameters, int channel, QuantizationRule rule)
    {
        if (HasKernel(parameters))
        {
            if (rule is QuantizationRule.Onnx)
                QuantizerKernels.Quantize<Division>(source, destination, parameters, channel, rule);
            else QuantizerKernels.Quantize<Reciprocal>(source, destination, parameters, channel, rule);
            return;
        }
        for (var i = 0; i < source.Length; i++)
        {
            var q = QuantizerReference.Quantize(source[i], parameters, channel, rule);
            if (parameters.Type.Storage is ElementType.Int32) MemoryMarshal.Cast<byte, int>(destination)[i] = q;
            else if (parameters.Type.Storage is ElementType.UInt16) MemoryMarshal.Cast<byte, ushort>(destination)[i] = (ushort)q;
            else destination[i] = (byte)q;
        }
    }

    private static void DequantizeChannel(
        ReadOnlySpan<byte> source, Span<float> destination, QuantizationParameters parameters, int channel)
    {
        if (HasKernel(parameters))
        {
            if (parameters.Type.Storage is ElementType.Int8)
                QuantizerKernels.Dequantize(MemoryMarshal.Cast<byte, sbyte>(source), destination, parameters, channel);
            else QuantizerKernels.Dequantize(source, destination, parameters, channel);
            return;
        }
        var count = source.Length / (parameters.Type.Bits / 8);
        for (var i = 0; i < count; i++)
        {
            var q = parameters.Type.Storage switch
            {
                ElementType.Int32 => MemoryMarshal.Cast<byte, int>(source)[i],
                ElementType.UInt16 => MemoryMarshal.Cast<byte, ushort>(source)[i],
                ElementType.Int8 => (sbyte)source[i],
                _ => source[i],
            };
            destination[i] = QuantizerReference.Dequantize(q, parameters, channel);
        }
    }

    private static void FakeQuantizeChannel(
        ReadOnlySpan<float> source, Span<float> destination, QuantizationParameters parameters, int channel,
        QuantizationRule rule)
    {
        if (HasKernel(parameters))
        {
            if (rule is QuantizationRule.Onnx)
                QuantizerKernels.FakeQuantize<Division>(source, destination, parameters, channel, rule);
            else QuantizerKernels.FakeQuantize<Reciprocal>(source, destination, parameters, channel, rule);
            return;
        }
        for (var i = 0; i < source.Length; i++)
        {
            var q = QuantizerReference.Quantize(source[i], parameters, channel, rule);
            destination[i] = QuantizerReference.Dequantize(q, parameters, channel);
        }
    }

    // 32-bit biases and real zero points are few; the reference is fast enough for them.
    private static bool HasKernel(QuantizationParameters parameters) =>
        parameters.Type.Bits == 8 && !parameters.HasFloatZeroPoints;

    private static void Check(QuantizationParameters parameters, ElementType storage, int sourceLength, int destinationLength)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Axis is not null)
            throw new ArgumentException("The parameters are per channel; quantize a Tensor, or one Channel.", nameof(parameters));
        if (parameters.Type.Storage != storage)
            throw new ArgumentException($"The parameters are for {parameters.Type.Storage}, not {storage}.", nameof(parameters));
        if (destinationLength < sourceLength)
            throw new ArgumentException(
                $"The destination holds {destinationLength} elements, fewer than the {sourceLength} of the source.");
    }

    /// <summary>How the channels of a tensor lie in memory: runs of equal length, channel after channel.</summary>
    private readonly struct ChannelLayout
    {
        public ChannelLayout(Tensor tensor, ElementType type, QuantizationParameters parameters)
        {
            if (tensor.Type != type) throw new CaliperException($"A tensor of {type} elements is needed here, not {tensor}.");
            RunLength = Math.Max(1, tensor.Count);
            if (parameters.Axis is not { } axis) return;
            if (axis >= tensor.Shape.Rank || tensor.Shape[axis].Length != parameters.Channels)
                throw new CaliperException(
                    $"There are scales for {parameters.Channels} channels along axis {axis}, "
                    + $"which a tensor of shape {tensor.Shape} does not have.");
            RunLength = 1;
            for (var i = axis + 1; i < tensor.Shape.Rank; i++) RunLength *= Math.Max(1, (int)tensor.Shape[i].Length);
        }

        /// <summary>Elements of one channel that lie together.</summary>
        public int RunLength { get; }
    }
}
