using Caliper.Engine.Values;
using Caliper.Kernels.Products;

namespace Caliper.Engine.Steps;

/// <summary>Where the matrices of an operand lie, all in the same way.</summary>
/// <param name="Place">Element 0.</param>
/// <param name="Offsets">Bytes from there to each matrix, one for each of the result.</param>
/// <param name="Rows">Rows of a matrix.</param>
/// <param name="Columns">Elements of a row.</param>
/// <param name="Strides">Bytes from a row to the next, and from an element of it to the next.</param>
internal sealed record MatrixStack(Place Place, long[] Offsets, int Rows, int Columns, MatrixStrides Strides)
{
    /// <summary>What is touched of it.</summary>
    public ByteSpan Span(int elementSize)
    {
        if (Offsets.Length == 0) return default;
        var one = ByteSpan.Of(elementSize, (Rows, Strides.Row), (Columns, Strides.Column));
        return one.IsEmpty ? one : new(one.Low + Offsets.Min(), one.High + Offsets.Max());
    }

    /// <summary>One of the matrices.</summary>
    public unsafe byte* At(in StepContext context, int matrix) => context.At(Place) + Offsets[matrix];
}

/// <summary>Products of matrices that both come from the run itself. Units are those of one product, for each of them.</summary>
internal sealed unsafe class ProductStep(MatrixStack a, MatrixStack b, MatrixStack output, int resultSize, ProductKernel kernel) : Step
{
    public override string Kernel => kernel.Name;

    public override int Units => checked(output.Offsets.Length * kernel.Units);

    public override int ScratchBytes => kernel.ScratchBytes;

    public override IEnumerable<Extent> Extents =>
    [
        Extent.Reads(a.Place, a.Span(1)) with { ReadsAfter = kernel.ReadsAfter },
        Extent.Reads(b.Place, b.Span(1)),
        Extent.Writes(output.Place, output.Span(resultSize)),
    ];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var unit = unitStart; unit < unitEnd;)
        {
            var (matrix, first) = Math.DivRem(unit, kernel.Units);
            var count = Math.Min(kernel.Units - first, unitEnd - unit);
            var operands = new ProductOperands
            {
                A = a.At(context, matrix),
                B = b.At(context, matrix),
                Output = output.At(context, matrix),
                Scratch = context.Scratch,
            };
            kernel.Run(operands, first, first + count);
            unit += count;
        }
    }
}
