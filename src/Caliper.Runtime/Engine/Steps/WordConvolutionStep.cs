using Caliper.Engine.Values;
using Caliper.Kernels;
using Caliper.Kernels.Convolution;
using Caliper.Kernels.Words;

namespace Caliper.Engine.Steps;

/// <summary>One convolution of words, or one for each group.</summary>
internal sealed unsafe class WordConvolutionStep(WordConvolutionStep.Part[] parts) : Step
{
    /// <summary>A kernel and where its operands lie; a lower output that does not exist has no place.</summary>
    internal readonly record struct Part(WordConvolution Kernel, WordLayer Layer, Place Input, Place LowInput, Place Output, Place LowOutput);

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
                foreach (var input in new[] { part.Input, part.LowInput })
                    yield return Extent.Reads(input, part.Kernel.InputReach) with { ReadsAfter = ConvolutionReach.ReadsAfter };
                var (output, low) = part.Layer.Reach;
                yield return Extent.Writes(part.Output, output);
                yield return Extent.Writes(part.LowOutput, low);
            }
        }
    }

    public override IEnumerable<ConstantReach> Constants => parts.SelectMany(p => p.Kernel.Constants);

    public override void Run(in StepContext context, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var part = blockStart / _blocks; part * _blocks < blockEnd; part++)
        {
            var operands = new WordOperands
            {
                Input = context.At(parts[part].Input),
                LowInput = context.At(parts[part].LowInput),
                Output = context.At(parts[part].Output),
                LowOutput = context.At(parts[part].LowOutput),
                Scratch = context.Scratch,
            };
            parts[part].Kernel.Run(operands, unitStart, unitEnd,
                Math.Max(blockStart - part * _blocks, 0), Math.Min(blockEnd - part * _blocks, _blocks));
        }
    }
}
