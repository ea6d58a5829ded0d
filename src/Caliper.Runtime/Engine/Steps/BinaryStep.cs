using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Bytes;

namespace Caliper.Engine.Steps;

/// <summary>An elementwise operation on two tensors of bytes.</summary>
internal sealed unsafe class BinaryStep(
    StridedWalk walk, Place a, Place b, Place output, BinaryFactors factors, KernelEntry<BinaryKernel> kernel) : Step
{
    private const int Piece = 256;

    private readonly BinaryFactors _factors = factors;

    public override string Kernel => kernel.Name;

    public override int Units => walk.Count;

    public override IEnumerable<Extent> Extents =>
        [Extent.Writes(output, walk.Span(0, 1)), Extent.Reads(a, walk.Span(1, 1)), Extent.Reads(b, walk.Span(2, 1))];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[3];
        var (stepOut, stepA, stepB) = ((int)walk.RunStrides[0], (int)walk.RunStrides[1], (int)walk.RunStrides[2]);
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var count = walk.Run(unit, offsets);
            var o = context.At(output) + offsets[0];
            var x = context.At(a) + offsets[1];
            var y = context.At(b) + offsets[2];
            if (stepOut == 1 && stepA <= 1 && stepB <= 1) kernel.Run(x, stepA, y, stepB, o, count, _factors);
            else RunApart(x, stepA, y, stepB, o, stepOut, count);
        }
    }

    /// <summary>Elements that do not lie side by side are brought together first.</summary>
    private void RunApart(byte* x, int stepA, byte* y, int stepB, byte* o, int stepOut, int count)
    {
        var together = stackalloc byte[3 * Piece];
        for (var first = 0; first < count; first += Piece)
        {
            var length = Math.Min(Piece, count - first);
            for (var i = 0; i < length; i++) together[i] = x[(long)(first + i) * stepA];
            for (var i = 0; i < length; i++) together[Piece + i] = y[(long)(first + i) * stepB];
            kernel.Run(together, 1, together + Piece, 1, together + 2 * Piece, length, _factors);
            for (var i = 0; i < length; i++) o[(long)(first + i) * stepOut] = together[2 * Piece + i];
        }
    }
}
