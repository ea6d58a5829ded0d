using Caliper.Engine.Values;

namespace Caliper.Kernels.Dense;

/// <summary>Batched products of matrices of floats, for what a network leaves float. A sum begins with 0 and takes one product after the other,
/// fused.</summary>
/// <param name="OffsetsA">Elements from the start of the left operand to each matrix, one for each of the result.</param>
/// <param name="OffsetsB">The same of the right operand.</param>
/// <param name="Rows">Rows of a matrix of the result.</param>
/// <param name="Inner">Products of a sum.</param>
/// <param name="Columns">Its columns.</param>
internal sealed unsafe record FloatStack(int[] OffsetsA, int[] OffsetsB, int Rows, int Inner, int Columns) : IDenseForm
{
    // Enough rows to pay for the panels that are made of the right matrix.
    private const int RowsOfPiece = 48;

    // A right matrix that stays in the second cache is read where it is, but for a few rows.
    private const int MostInPlace = 1 << 16, FewRows = 4;

    /// <summary>What is read of the left operand.</summary>
    public ByteSpan SpanA => BatchOffsets.Span(OffsetsA, (long)Rows * Inner, sizeof(float));

    /// <summary>What is read of the right operand.</summary>
    public ByteSpan SpanB => BatchOffsets.Span(OffsetsB, (long)Inner * Columns, sizeof(float));

    /// <summary>Bytes of the result.</summary>
    public long OutputBytes => checked((long)OffsetsA.Length * Rows * Columns * sizeof(float));

    /// <summary>All products.</summary>
    public DenseKernel Kernel()
    {
        var each = Sizes.CeilDiv(Rows, RowsOfPiece);
        return DenseKernel.Of(checked(OffsetsA.Length * each), (inputs, output, set, start, end) =>
        {
            for (var piece = start; piece < end;)
            {
                // Pieces of one product are done together.
                var (matrix, first) = Math.DivRem(piece, each);
                var last = Math.Min(each, first + end - piece);
                var (row, rows) = (first * RowsOfPiece, Math.Min(last * RowsOfPiece, Rows) - first * RowsOfPiece);
                var y = output + ((long)matrix * Rows + row) * Columns;
                Run(inputs[0] + OffsetsA[matrix] + (long)row * Inner, inputs[1] + OffsetsB[matrix], y, rows, set);
                piece += last - first;
            }
        }, OutputBytes, SpanA.High, SpanB.High).As(this);
    }

    /// <summary>Some rows of one product.</summary>
    public void Run(float* a, float* b, float* y, int rows, KernelSet set)
    {
        if (FloatVectors.AreWide(set) && rows >= FewRows && (long)Inner * Columns <= MostInPlace)
        {
            WideProducts.Run(a, b, y, rows, Inner, Columns);
            return;
        }
        new Span<float>(y, rows * Columns).Clear();
        FloatMatrix.Add(new((nint)a, Inner, 1), new((nint)b, Columns, 1), y, (rows, Inner, Columns), FloatProducts.For(set), set);
    }
}
