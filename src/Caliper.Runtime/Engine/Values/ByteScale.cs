namespace Caliper.Engine.Values;

/// <summary>What a byte of the engine stands for: <c>scale · (byte − zero_point)</c>.</summary>
/// <param name="Scale">Real size of one step.</param>
/// <param name="ZeroPoint">The byte that stands for 0; for int8 that of the file plus 128.</param>
internal readonly record struct ByteScale(float Scale, byte ZeroPoint)
{
    /// <summary>The byte of a real number, as QuantizeLinear makes it.</summary>
    public byte Quantize(float real)
    {
        var q = (double)MathF.Round(real / Scale, MidpointRounding.ToEven) + ZeroPoint;
        // The comparison is false for NaN, which therefore becomes the least byte.
        return q > 0 ? (byte)Math.Min(q, 255) : (byte)0;
    }

    /// <summary>The real number that a byte stands for, as DequantizeLinear gives it.</summary>
    public float Dequantize(byte q) => (q - ZeroPoint) * Scale;
}

/// <summary>Bounds on bytes, those of a Relu or Clip.</summary>
/// <param name="Low">The least byte.</param>
/// <param name="High">The greatest byte.</param>
internal readonly record struct ByteRange(byte Low, byte High)
{
    /// <summary>No bounds.</summary>
    public static ByteRange Full => new(0, 255);

    /// <summary>The bounds that clamping twice has.</summary>
    public ByteRange Then(ByteRange next) =>
        new(Math.Clamp(Low, next.Low, next.High), Math.Clamp(High, next.Low, next.High));
}
