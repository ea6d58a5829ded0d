using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;

namespace Caliper.Engine.Steps;

/// <summary>One convolution, or one for each group.</summary>
internal sealed unsafe class ConvolutionStep(ConvolutionStep.Part[] parts) : Step
{
    /// <summary>A kernel and where its operands lie.</summary>
    internal readonly record struct Part(ConvolutionKernel Kernel, Place Input, Place Output, Place Residual);

    private readonly int _blocks = parts[0].Kernel.Blocks;

    public override string Kernel => parts[0].Kernel.Name;

    public override long WeightBytes => parts.Sum(p => p.Kernel.WeightBytes);

    public override int Units => parts[0].Kernel.Units;

    public override int Blocks => _blocks * parts.Length;

    public override int ScratchBytes => parts.Max(p => p.Kernel.ScratchBytes);

    public override IEnumerable<Extent> Extents
    {
        get
        {
            foreach (var part in parts)
            {
                var reach = part.Kernel.Reach;
                yield return Extent.Reads(part.Input, reach.Input) with { ReadsAfter = ConvolutionReach.ReadsAfter };
                yield return Extent.Writes(part.Output, reach.Output);
                yield return Extent.Reads(part.Residual, reach.Residual);
            }
        }
    }

    public override IEnumerable<ConstantReach> Constants => parts.SelectMany(p => p.Kernel.Constants);

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var part = blockStart / _blocks; part * _blocks < blockEnd; part++)
        {
            var operands = new ConvolutionOperands
            {
                Input = context.At(parts[part].Input),
                Output = context.At(parts[part].Output),
                Residual = context.At(parts[part].Residual),
                Scratch = context.Scratch,
            };
            parts[part].Kernel.Run(operands, unitStart, unitEnd,
                Math.Max(blockStart - part * _blocks, 0), Math.Min(blockEnd - part * _blocks, _blocks));
        }
    }
}
