using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Words;

namespace Caliper.Engine.Steps;

/// <summary>Quantizes floats to words, whose upper and lower bytes are written apart, in whichever layout.</summary>
/// <param name="walk">A walk over upper bytes, lower bytes and floats.</param>
/// <param name="high">Upper bytes.</param>
/// <param name="low">Lower bytes.</param>
/// <param name="input">Floats.</param>
/// <param name="scale">What the words stand for.</param>
/// <param name="kernels">Which kernels to take.</param>
internal sealed unsafe class QuantizeWordsStep(StridedWalk walk, Place high, Place low, Place input, WordScale scale, KernelSet kernels) : Step
{
    private const int Piece = 256;

    private readonly KernelEntry<SplitKernel> _kernel = SplitKernels.All.Choose(kernels);

    public override string Kernel => _kernel.Name;

    public override int Units => walk.Count;

    public override IEnumerable<Extent> Extents =>
        [Extent.Writes(high, walk.Span(0, 1)), Extent.Writes(low, walk.Span(1, 1)), Extent.Reads(input, walk.Span(2, sizeof(float)))];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[3];
        var isRun = walk.RunStrides is [1, 1, sizeof(float)];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var count = walk.Run(unit, offsets);
            var upper = context.At(high) + offsets[0];
            var lower = context.At(low) + offsets[1];
            var from = context.At(input) + offsets[2];
            if (isRun) _kernel.Run((float*)from, count, upper, lower, scale);
            else RunApart(from, upper, lower, count);
        }
    }

    /// <summary>Elements that do not lie side by side are brought together first.</summary>
    private void RunApart(byte* from, byte* upper, byte* lower, int count)
    {
        var floats = stackalloc float[Piece];
        var halves = stackalloc byte[2 * Piece];
        var (stepUpper, stepLower, stepFrom) = (walk.RunStrides[0], walk.RunStrides[1], walk.RunStrides[2]);
        for (var first = 0; first < count; first += Piece)
        {
            var length = Math.Min(Piece, count - first);
            for (var i = 0; i < length; i++) floats[i] = *(float*)(from + (first + i) * stepFrom);
            _kernel.Run(floats, length, halves, halves + Piece, scale);
            for (var i = 0; i < length; i++) upper[(first + i) * stepUpper] = halves[i];
            for (var i = 0; i < length; i++) lower[(first + i) * stepLower] = halves[Piece + i];
        }
    }
}
