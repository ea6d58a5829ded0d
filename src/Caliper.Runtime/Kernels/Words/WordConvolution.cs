using Caliper.Engine.Values;

namespace Caliper.Kernels.Words;

/// <summary>A convolution of words, made for one layer; as <see cref="Convolution.ConvolutionKernel"/> in all else.</summary>
internal abstract class WordConvolution
{
    /// <summary>How many pieces the pixels of all images are cut into.</summary>
    public abstract int Units { get; }

    /// <summary>How many pieces the output channels are cut into.</summary>
    public abstract int Blocks { get; }

    /// <summary>What reports call it.</summary>
    public abstract string Name { get; }

    /// <summary>Bytes of packed weights and tables, for reports.</summary>
    public abstract long WeightBytes { get; }

    /// <summary>What it reads of its weights and tables by address.</summary>
    public abstract IEnumerable<ConstantReach> Constants { get; }

    /// <summary>Bytes of working memory that each thread needs.</summary>
    public virtual int ScratchBytes => 0;

    /// <summary>What is read of upper and of lower bytes, from the addresses that a run is given.</summary>
    public abstract ByteSpan InputReach { get; }

    /// <summary>Computes a rectangle of the output.</summary>
    /// <param name="operands">Where the tensors lie.</param>
    /// <param name="unitStart">First unit.</param>
    /// <param name="unitEnd">One past the last unit.</param>
    /// <param name="blockStart">First block of output channels.</param>
    /// <param name="blockEnd">One past the last block.</param>
    public abstract void Run(in WordOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd);
}
