namespace Caliper.Numerics;

/// <summary>One value at a time, written as the theory is; what the vectorized <see cref="Quantizer"/> must equal bit for
/// bit.</summary>
internal static class QuantizerReference
{
    /// <summary><c>clamp(rne(x / scale) + zero_point)</c>.</summary>
    public static int Quantize(float x, QuantizationParameters parameters, int channel, QuantizationRule rule)
    {
        var scale = parameters.Scales[channel];
        var steps = rule is QuantizationRule.Onnx ? x / scale : x * (1f / scale);
        // A real zero point is added before rounding, an integer one after. In double, where int32 cannot overflow.
        var q = parameters.HasFloatZeroPoints
            ? MathF.Round(steps + parameters.FloatZeroPoints[channel], MidpointRounding.ToEven)
            : (double)MathF.Round(steps, MidpointRounding.ToEven) + parameters.ZeroPoints[channel];
        // The comparison is false for NaN, which therefore becomes the least integer.
        return q > parameters.Type.Min ? (int)Math.Min(q, parameters.Type.Max) : parameters.Type.Min;
    }

    /// <summary><c>(q − zero_point) · scale</c>, the difference rounded to float32 where it does not fit one.</summary>
    public static float Dequantize(int q, QuantizationParameters parameters, int channel) => parameters.HasFloatZeroPoints
        ? (q - parameters.FloatZeroPoints[channel]) * parameters.Scales[channel]
        : ((long)q - parameters.ZeroPoints[channel]) * parameters.Scales[channel];
}
