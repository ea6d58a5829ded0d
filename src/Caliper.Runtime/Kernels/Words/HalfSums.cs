namespace Caliper.Kernels.Words;

/// <summary>Sums of both passes over some pixels, and where their results go. Pixels lie at equal distances; channels side by side.</summary>
internal unsafe struct HalfSums
{
    /// <summary>Sums of upper bytes times weights: the first channel of the first pixel.</summary>
    public int* High;

    /// <summary>Those of lower bytes.</summary>
    public int* Low;

    /// <summary>Sums from pixel to pixel.</summary>
    public int Stride;

    /// <summary>What is added to <see cref="High"/> of each channel for the zero point of its bytes: <c>−zero · Σw</c>.</summary>
    public int* HighCorrections;

    /// <summary>What is added to <see cref="Low"/>.</summary>
    public int* LowCorrections;

    /// <summary>Of each channel.</summary>
    public float* Multipliers;

    /// <summary>Of each channel.</summary>
    public float* Offsets;

    /// <summary>Receives floats or bytes, or the upper bytes of words.</summary>
    public byte* Output;

    /// <summary>Receives lower bytes of words.</summary>
    public byte* LowOutput;

    /// <summary>Bytes from pixel to pixel of the output.</summary>
    public long OutputStride;

    /// <summary>Bytes from pixel to pixel of the lower bytes.</summary>
    public long LowOutputStride;

    /// <summary>How many pixels.</summary>
    public int Pixels;

    /// <summary>How many channels of each.</summary>
    public int Channels;

    /// <summary>The same without the first channels.</summary>
    /// <param name="count">How many are left out.</param>
    /// <param name="elementSize">Bytes of an element of the output.</param>
    public readonly HalfSums WithoutFirst(int count, int elementSize) => this with
    {
        High = High + count,
        Low = Low + count,
        HighCorrections = HighCorrections + count,
        LowCorrections = LowCorrections + count,
        Multipliers = Multipliers + count,
        Offsets = Offsets + count,
        Output = Output + (long)count * elementSize,
        LowOutput = LowOutput + count,
        Channels = Channels - count,
    };
}

/// <summary>What is made of the sums of a layer.</summary>
/// <param name="Result">What is written.</param>
/// <param name="ZeroPoint">The integer that stands for 0.</param>
/// <param name="Least">The least integer.</param>
/// <param name="Greatest">The greatest.</param>
/// <param name="FitsInt32">Whether <c>256·high + low</c> fits 32 bits whatever the input is.</param>
internal readonly record struct HalfSumsForm(WordResult Result, int ZeroPoint, int Least, int Greatest, bool FitsInt32);
