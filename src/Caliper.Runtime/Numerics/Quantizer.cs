using Caliper.Graphs;

namespace Caliper.Numerics;

/// <summary>
/// Real numbers to integers and back. Half-way values round to even, values beyond the range saturate (infinities too), and
/// NaN becomes the least integer, which is what ONNX Runtime and PyTorch make of it on x86.
/// </summary>
public static class Quantizer
{
    /// <summary>Quantizes a float tensor: <c>clamp(rne(x / scale) + zero_point)</c>.</summary>
    /// <param name="tensor">Float32, of any shape.</param>
    /// <param name="parameters">Of the whole tensor, or of each index along an axis.</param>
    /// <param name="rule">How to divide by the scale.</param>
    /// <exception cref="CaliperException">The tensor is not Float32, or the channels do not match its shape.</exception>
    public static Tensor Quantize(Tensor tensor, QuantizationParameters parameters, QuantizationRule rule = QuantizationRule.Onnx)
    {
        var source = tensor.Span<float>();
        var bytes = new byte[parameters.Type.Storage.ByteCount(source.Length)];
        var (channels, inner) = Layout(tensor, parameters);
        for (var i = 0; i < source.Length; i++)
        {
            var q = QuantizerReference.Quantize(source[i], parameters, i / inner % channels, rule);
            if (parameters.Type.Storage is ElementType.Int32) BitConverter.TryWriteBytes(bytes.AsSpan(i * 4), q);
            else bytes[i] = (byte)q;
        }
        return new Tensor(parameters.Type.Storage, tensor.Shape, bytes);
    }

    /// <summary>The real numbers that a quantized tensor stands for: <c>(q − zero_point) · scale</c>.</summary>
    /// <param name="tensor">Of the parameters' storage type, of any shape.</param>
    /// <param name="parameters">Of the whole tensor, or of each index along an axis.</param>
    /// <exception cref="CaliperException">The tensor is of another type, or the channels do not match its shape.</exception>
    public static Tensor Dequantize(Tensor tensor, QuantizationParameters parameters)
    {
        var real = new float[tensor.Count];
        var (channels, inner) = Layout(tensor, parameters);
        for (var i = 0; i < real.Length; i++)
        {
            var q = tensor.Type switch
            {
                ElementType.UInt8 => tensor.Span<byte>()[i],
                ElementType.Int8 => tensor.Span<sbyte>()[i],
                _ => tensor.Span<int>()[i],
            };
            real[i] = QuantizerReference.Dequantize(q, parameters, i / inner % channels);
        }
        return Tensor.Of(tensor.Shape, real);
    }

    private static (int Channels, int Inner) Layout(Tensor tensor, QuantizationParameters parameters)
    {
        if (parameters.Axis is not { } axis) return (1, 1);
        if (axis >= tensor.Shape.Rank || tensor.Shape[axis].Length != parameters.Channels)
            throw new CaliperException($"A tensor of shape {tensor.Shape} does not have {parameters.Channels} channels along axis {axis}.");
        long inner = 1;
        for (var i = axis + 1; i < tensor.Shape.Rank; i++) inner *= tensor.Shape[i].Length;
        return (parameters.Channels, (int)inner);
    }
}
