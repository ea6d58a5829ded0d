namespace Caliper.Kernels.Products;

/// <summary>A product made for one size and one way in which its matrices lie; immutable, so that any number of threads run it at once. Its
/// rows are cut into units.</summary>
internal abstract unsafe class ProductKernel(ProductLayer layer)
{
    /// <summary>What it computes.</summary>
    protected ProductLayer Layer => layer;

    /// <summary>What reports call it; starts with the name of its table entry.</summary>
    public abstract string Name { get; }

    /// <summary>Pieces that the rows are cut into.</summary>
    public abstract int Units { get; }

    /// <summary>Bytes of working memory that each thread needs.</summary>
    public abstract int ScratchBytes { get; }

    /// <summary>Bytes after the last of the left matrix that are read, too, but do not count.</summary>
    public virtual int ReadsAfter => 0;

    /// <summary>Computes some units. What depends on the right matrix alone is done once a call.</summary>
    /// <param name="operands">Where the matrices lie.</param>
    /// <param name="unitStart">First unit.</param>
    /// <param name="unitEnd">One past the last unit.</param>
    public abstract void Run(in ProductOperands operands, int unitStart, int unitEnd);

    /// <summary>Writes a row of the result.</summary>
    /// <param name="output">The whole result.</param>
    /// <param name="row">Which row.</param>
    /// <param name="sums">Its sums but for what belongs to the row.</param>
    /// <param name="own">What is added to each of them.</param>
    protected void Finish(byte* output, int row, int* sums, int own) =>
        ProductResult.Write(sums, own, output + row * layer.Output.Row, layer.Output.Column, layer.Columns, layer.Form);
}

/// <summary>Where the matrices of one product lie.</summary>
internal unsafe struct ProductOperands
{
    /// <summary>Element (0, 0) of the left matrix.</summary>
    public byte* A;

    /// <summary>Element (0, 0) of the right matrix.</summary>
    public byte* B;

    /// <summary>Element (0, 0) of the result.</summary>
    public byte* Output;

    /// <summary>This thread's working memory, aligned to 64 bytes, of the kernel's <see cref="ProductKernel.ScratchBytes"/>.</summary>
    public byte* Scratch;
}
