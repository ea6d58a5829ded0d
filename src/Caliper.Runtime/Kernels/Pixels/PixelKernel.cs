using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Dense;

namespace Caliper.Kernels.Pixels;

/// <summary>Images of floats whose channels lie side by side.</summary>
/// <param name="Images">How many.</param>
/// <param name="Channels">Of each pixel.</param>
/// <param name="Height">Rows; one where there is one spatial axis.</param>
/// <param name="Width">Pixels of a row.</param>
/// <param name="Strides">Where they lie.</param>
internal readonly record struct PixelImage(int Images, int Channels, int Height, int Width, PlaneStrides Strides)
{
    /// <summary>The memory of all pixels, from the first on.</summary>
    public ByteSpan Span => ByteSpan.Of((long)Channels * sizeof(float), (Images, Strides.Image), (Height, Strides.Row), (Width, Strides.Pixel));

    /// <summary>Whether all pixels follow each other at one distance.</summary>
    public bool IsLinear => (Height == 1 || Strides.Row == (long)Strides.Pixel * Width)
        && (Images == 1 || Strides.Image == (long)Strides.Pixel * Width * Height);

    /// <summary>Bytes from the first pixel to another.</summary>
    public long At(int image, int row, int column) => image * Strides.Image + (long)row * Strides.Row + (long)column * Strides.Pixel;
}

/// <summary>A float operator on images whose channels lie side by side: what islands of floats between convolutions of bytes are made of, so
/// that nothing changes its order on the way. Work is a grid of units times blocks; each output is computed whole by one thread.</summary>
internal abstract unsafe class PixelKernel
{
    /// <summary>What reports call it.</summary>
    public abstract string Name { get; }

    /// <summary>What is read.</summary>
    public required PixelImage Input { get; init; }

    /// <summary>What is written.</summary>
    public required PixelImage Output { get; init; }

    /// <summary>Which instructions it may use; the bits are the same.</summary>
    public required KernelSet Set { get; init; }

    /// <summary>What sums of products are cut off at when they are written.</summary>
    public FloatBounds Bounds { get; init; }

    /// <summary>What is read, from the input's first pixel.</summary>
    public virtual ByteSpan Reads => Input.Span;

    /// <summary>Pieces along the first axis of the grid.</summary>
    public abstract int Units { get; }

    /// <summary>Pieces along the second axis.</summary>
    public virtual int Blocks => 1;

    /// <summary>Bytes of working memory that each thread needs.</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>Bytes of packed weights.</summary>
    public virtual long WeightBytes => 0;

    /// <summary>What it reads of its weights and tables by address.</summary>
    public virtual IEnumerable<ConstantReach> Constants => [];

    /// <summary>Computes a rectangle of the grid.</summary>
    public abstract void Run(byte* input, byte* output, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd);
}
