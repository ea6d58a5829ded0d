using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Words;

namespace Caliper.Engine.Steps;

/// <summary>Floats from words, whose upper and lower bytes are read apart, in whichever layout.</summary>
/// <param name="walk">A walk over floats, upper bytes and lower bytes.</param>
/// <param name="output">Floats.</param>
/// <param name="high">Upper bytes.</param>
/// <param name="low">Lower bytes.</param>
/// <param name="scale">What the words stand for.</param>
/// <param name="kernels">Which kernels to take.</param>
internal sealed unsafe class DequantizeWordsStep(StridedWalk walk, Place output, Place high, Place low, WordScale scale, KernelSet kernels) : Step
{
    private readonly KernelEntry<JoinKernel> _kernel = JoinKernels.All.Choose(kernels);

    public override string Kernel => _kernel.Name;

    public override int Units => walk.Count;

    public override IEnumerable<Extent> Extents =>
        [Extent.Writes(output, walk.Span(0, sizeof(float))), Extent.Reads(high, walk.Span(1, 1)), Extent.Reads(low, walk.Span(2, 1))];

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        Span<long> offsets = stackalloc long[3];
        var isRun = walk.RunStrides is [sizeof(float), 1, 1];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var count = walk.Run(unit, offsets);
            var to = context.At(output) + offsets[0];
            var upper = context.At(high) + offsets[1];
            var lower = context.At(low) + offsets[2];
            if (isRun) _kernel.Run(upper, lower, count, (float*)to, scale);
            else
                for (var i = 0; i < count; i++, to += walk.RunStrides[0], upper += walk.RunStrides[1], lower += walk.RunStrides[2])
                    *(float*)to = scale.Dequantize((ushort)(*upper << 8 | *lower));
        }
    }
}
