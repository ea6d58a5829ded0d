using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Steps;

/// <summary>An elementwise operation on two tensors of bytes.</summary>
internal sealed unsafe class BinaryStep(
    ColumnWalk walk, Place a, Place b, Place output, BinaryFactors factors, KernelEntry<BinaryKernel> kernel) : Step
{
    private readonly BinaryFactors _factors = factors;

    public override string Kernel => kernel.Name;

    public override int Units => walk.Rows.Count;

    public override IEnumerable<Extent> Extents =>
        [Extent.Writes(output, walk.Span(0)), Extent.Reads(a, walk.Span(1)), Extent.Reads(b, walk.Span(2))];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[3];
        var (stepOut, stepA, stepB) = ((int)walk.Rows.RunStrides[0], (int)walk.Rows.RunStrides[1], (int)walk.Rows.RunStrides[2]);
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var count = walk.Rows.Run(unit, offsets);
            var o = context.At(output) + offsets[0];
            var x = context.At(a) + offsets[1];
            var y = context.At(b) + offsets[2];
            if (walk.Bytes == 1 && stepOut == 1 && stepA <= 1 && stepB <= 1) kernel.Run(x, stepA, y, stepB, o, count, _factors);
            else RunApart(x, stepA, y, stepB, o, stepOut, count);
        }
    }

    /// <summary>Columns that do not lie side by side are brought together first.</summary>
    private void RunApart(byte* x, long stepA, byte* y, long stepB, byte* o, long stepOut, int count)
    {
        var together = stackalloc byte[3 * ColumnWalk.Piece];
        byte* others = together + ColumnWalk.Piece, results = others + ColumnWalk.Piece;
        var bytes = walk.Bytes;
        for (var first = 0; first < count; first += walk.Together)
        {
            var columns = Math.Min(walk.Together, count - first);
            ByteRows.Copy(x + first * stepA, stepA, together, bytes, columns, bytes);
            ByteRows.Copy(y + first * stepB, stepB, others, bytes, columns, bytes);
            kernel.Run(together, 1, others, 1, results, walk.Filled(columns), _factors);
            ByteRows.Copy(results, bytes, o + first * stepOut, stepOut, columns, bytes);
        }
    }
}
