using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Pixels;

namespace Caliper.Engine.Steps;

/// <summary>A float operator on images whose channels lie side by side.</summary>
internal sealed unsafe class PixelStep(Place input, Place output, PixelKernel kernel) : Step
{
    public override string Kernel => kernel.Name;

    public override long WeightBytes => kernel.WeightBytes;

    public override int Units => kernel.Units;

    public override int Blocks => kernel.Blocks;

    public override int ScratchBytes => kernel.ScratchBytes;

    public override IEnumerable<Extent> Extents => [Extent.Writes(output, kernel.Output.Span), Extent.Reads(input, kernel.Reads)];

    public override IEnumerable<ConstantReach> Constants => kernel.Constants;

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd) =>
        kernel.Run(context.At(input), context.At(output), context.Scratch, unitStart, unitEnd, blockStart, blockEnd);
}
