namespace Caliper.Numerics;

/// <summary>
/// From the exact int32 sum of an integer layer to its 8-bit output: <c>clamp(rne(float(acc) · m) + zero_point)</c> with
/// <c>m = s_x · s_w / s_y</c>, all in float32, as ONNX Runtime does it. This is the reference that every kernel must equal.
/// </summary>
public static class Requantization
{
    /// <summary>The factor <c>m</c>, rounded to float32 after the product and after the quotient.</summary>
    /// <param name="inputScale">Scale of the layer's input.</param>
    /// <param name="weightScale">Scale of the output channel's weights.</param>
    /// <param name="outputScale">Scale of the layer's output.</param>
    public static float Multiplier(float inputScale, float weightScale, float outputScale) =>
        inputScale * weightScale / outputScale;

    /// <summary>One output.</summary>
    /// <param name="accumulator">The exact sum of products, bias included.</param>
    /// <param name="multiplier">The factor of <see cref="Multiplier"/>.</param>
    /// <param name="zeroPoint">The output's zero point.</param>
    /// <param name="type">The output's integers.</param>
    public static int Requantize(int accumulator, float multiplier, int zeroPoint, QuantizedType type)
    {
        // Rounded as float, added as double: a product beyond int32 still saturates at the right end.
        var rounded = (double)MathF.Round(accumulator * multiplier, MidpointRounding.ToEven) + zeroPoint;
        return (int)Math.Clamp(rounded, type.Min, type.Max);
    }

    /// <summary>A bias as int32 with the scale <c>s_x · s_w</c> and zero point 0, clamped to int32.</summary>
    /// <param name="bias">The real bias of an output channel.</param>
    /// <param name="inputScale">Scale of the layer's input.</param>
    /// <param name="weightScale">Scale of the output channel's weights.</param>
    public static int QuantizeBias(float bias, float inputScale, float weightScale)
    {
        // The scale is the float32 product that a file states; the quotient needs more bits than float32 has.
        var steps = Math.Round(bias / (double)(inputScale * weightScale), MidpointRounding.ToEven);
        return (int)Math.Clamp(steps, int.MinValue, int.MaxValue);
    }
}
