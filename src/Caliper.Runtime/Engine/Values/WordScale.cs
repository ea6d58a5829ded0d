namespace Caliper.Engine.Values;

/// <summary>What a word of 16 bits stands for: <c>scale · (word − zero_point)</c>. Words are always unsigned and lie as two tensors of
/// bytes, <c>word = 256·high + low</c>, so that the kernels of bytes compute with them: <c>word − zero_point</c> is
/// <c>256·(high − high zero) + (low − low zero)</c>.</summary>
/// <param name="Scale">Real size of one step.</param>
/// <param name="ZeroPoint">The word that stands for 0; for int16 that of the file plus 32768.</param>
internal readonly record struct WordScale(float Scale, ushort ZeroPoint)
{
    /// <summary>The upper byte of the word that stands for 0: what is around an image of upper bytes.</summary>
    public byte HighZero => (byte)(ZeroPoint >> 8);

    /// <summary>Its lower byte.</summary>
    public byte LowZero => (byte)ZeroPoint;

    /// <summary>The word of a real number, as QuantizeLinear makes it.</summary>
    public ushort Quantize(float real)
    {
        var q = (double)MathF.Round(real / Scale, MidpointRounding.ToEven) + ZeroPoint;
        // The comparison is false for NaN, which therefore becomes the least word.
        return q > 0 ? (ushort)Math.Min(q, ushort.MaxValue) : (ushort)0;
    }

    /// <summary>The real number that a word stands for, as DequantizeLinear gives it.</summary>
    public float Dequantize(ushort q) => (q - ZeroPoint) * Scale;
}

/// <summary>Bounds on words, those of a Relu or Clip.</summary>
/// <param name="Low">The least word.</param>
/// <param name="High">The greatest word.</param>
internal readonly record struct WordRange(ushort Low, ushort High)
{
    /// <summary>No bounds.</summary>
    public static WordRange Full => new(0, ushort.MaxValue);
}

/// <summary>A tensor of words and what they stand for.</summary>
/// <param name="High">The upper bytes.</param>
/// <param name="Low">The lower bytes.</param>
/// <param name="Scale">What each word stands for.</param>
internal readonly record struct WordOperand(EngineValue High, EngineValue Low, WordScale Scale);
