namespace Caliper.Numerics;

/// <summary>One value at a time, written as the theory is; what the vectorized <see cref="Quantizer"/> must equal bit for bit.</summary>
internal static class QuantizerReference
{
    public static int Quantize(float x, QuantizationParameters parameters, int channel, QuantizationRule rule)
    {
        var scale = parameters.Scales[channel];
        var steps = rule is QuantizationRule.Onnx ? x / scale : x * (1f / scale);
        if (parameters.HasFloatZeroPoints)
            return Clamp(MathF.Round(steps + parameters.FloatZeroPoints[channel], MidpointRounding.ToEven), parameters.Type);
        return Clamp((double)MathF.Round(steps, MidpointRounding.ToEven) + parameters.ZeroPoints[channel], parameters.Type);
    }

    public static float Dequantize(int q, QuantizationParameters parameters, int channel) => parameters.HasFloatZeroPoints
        ? (q - parameters.FloatZeroPoints[channel]) * parameters.Scales[channel]
        : ((long)q - parameters.ZeroPoints[channel]) * parameters.Scales[channel];

    // The comparison is false for NaN, which therefore becomes the least integer.
    private static int Clamp(double value, QuantizedType type) => value > type.Min ? (int)Math.Min(value, type.Max) : type.Min;
}
