namespace Caliper.Kernels.Convolution;

/// <summary>
/// One convolution, made for one layer, with its weights packed; immutable after construction, so that any number of threads
/// run it at once. The output is cut along two axes, which the kernel chooses: <see cref="Units"/> (images, rows or tiles of
/// pixels) times <see cref="Blocks"/> (groups of output channels). A thread computes a rectangle of them; each output value
/// is computed whole by one thread.
/// </summary>
internal abstract unsafe class ConvolutionKernel
{
    /// <summary>Makes a kernel for a layer whose parameters are as long as its shape needs them.</summary>
    protected ConvolutionKernel(ConvolutionLayer layer) => Reach = ConvolutionReach.Of(layer);

    /// <summary>What it touches of its operands.</summary>
    public ConvolutionReach Reach { get; }

    /// <summary>How many pieces the pixels of all images are cut into.</summary>
    public abstract int Units { get; }

    /// <summary>How many pieces the output channels are cut into.</summary>
    public abstract int Blocks { get; }

    /// <summary>Output channels of a block, the last of which may have fewer; at most <see cref="MostChannelsOfBlock"/>.</summary>
    public abstract int ChannelsPerBlock { get; }

    /// <summary>No block has more output channels.</summary>
    public const int MostChannelsOfBlock = 64;

    /// <summary>The first output pixel of a unit, and for one past the last unit the number of all pixels. Pixels are counted along rows, rows
    /// along images, and units are pieces of that order.</summary>
    public abstract int FirstPixelOf(int unit);

    /// <summary>What reports call it, such as <c>assembled 6x64</c>; starts with the name of its table entry.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of packed weights and tables, for reports.</summary>
    public abstract long WeightBytes { get; }

    /// <summary>What it reads of its weights and tables by address.</summary>
    public abstract IEnumerable<ConstantReach> Constants { get; }

    /// <summary>Bytes of working memory that each thread needs.</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>Computes a rectangle of the output.</summary>
    /// <param name="operands">Where the tensors lie.</param>
    /// <param name="unitStart">First unit.</param>
    /// <param name="unitEnd">One past the last unit.</param>
    /// <param name="blockStart">First block of output channels.</param>
    /// <param name="blockEnd">One past the last block.</param>
    public abstract void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd);
}

/// <summary>Where the tensors of one run lie.</summary>
internal unsafe struct ConvolutionOperands
{
    /// <summary>What the first tap of output pixel (0, 0) of image 0 reads: inside the border where there is padding. From any
    /// pixel at least 64 bytes may be read, beyond the last one too.</summary>
    public byte* Input;

    /// <summary>Channel 0 of output pixel (0, 0) of image 0; floats where the epilogue gives floats.</summary>
    public byte* Output;

    /// <summary>Channel 0 of the residual's other operand at output pixel (0, 0) of image 0; may be <see cref="Output"/>.</summary>
    public byte* Residual;

    /// <summary>This thread's working memory, aligned to 64 bytes, of the kernel's <see cref="ConvolutionKernel.ScratchBytes"/>.</summary>
    public byte* Scratch;
}
