using Caliper.Engine.Values;
using Caliper.Kernels.Convolution;

namespace Caliper.Kernels.Words;

/// <summary>
/// A convolution of words as two exact ones of bytes: <c>Σ (x − z)·w = 256·Σ (high − z_high)·w + Σ (low − z_low)·w</c>. Any kernel of
/// bytes computes both sums, with the same packed weights, over a few pixels at a time; while those sums are in the cache they are brought
/// together. Zero points are not the kernel's: it sums the bytes as they are, and <c>−z·Σw</c>, which differs from pass to pass, is added
/// afterwards.
/// Units and blocks are those of the kernel.
/// </summary>
internal sealed unsafe class TwoPassConvolution : WordConvolution
{
    // Sums of so many pixels and 64 channels stay in the first-level cache together with what the kernel reads.
    private const int PixelsAtOnce = 64;

    private const int PixelSums = ConvolutionKernel.MostChannelsOfBlock;
    private const int PixelBytes = PixelSums * sizeof(int);

    private readonly WordLayer _layer;
    private readonly ConvolutionKernel _kernel;
    private readonly KernelEntry<HalfSumsKernel> _combine;
    private readonly HalfSumsForm _form;
    private readonly NativeBuffer _constants;
    private readonly int _units;
    private readonly int _blocks;
    private readonly int _pixels;
    private readonly int _lowSums;

    /// <summary>Makes it.</summary>
    /// <param name="layer">The layer.</param>
    /// <param name="kernel">What computes the sums of <see cref="Pass"/>.</param>
    /// <param name="resources">What owns the tables.</param>
    /// <param name="set">Which kernels bring the sums together.</param>
    public TwoPassConvolution(WordLayer layer, ConvolutionKernel kernel, KernelResources resources, KernelSet set)
    {
        (_layer, _kernel, _combine) = (layer, kernel, HalfSumsKernels.All.Choose(set));
        var epilogue = layer.Epilogue;
        _form = new(epilogue.Result, epilogue.ZeroPoint, epilogue.Least, epilogue.Greatest, WordLayer.SumsFit(layer.Weights));
        _constants = resources.Own(new NativeBuffer(4L * layer.Shape.OutputChannels * sizeof(int)));
        WriteConstants();
        var largest = Enumerable.Range(0, Units).Max(unit => _kernel.FirstPixelOf(unit + 1) - _kernel.FirstPixelOf(unit));
        _units = Math.Max(1, PixelsAtOnce / largest);
        _pixels = checked(_units * largest);
        // Many pixels that cannot be done apart take half the channels at once: the sums of both passes then lie side by side.
        var isNarrow = _pixels > PixelsAtOnce && _kernel.ChannelsPerBlock <= PixelSums / 2;
        _blocks = Math.Max(1, PixelSums / (isNarrow ? 2 : 1) / _kernel.ChannelsPerBlock);
        _lowSums = isNarrow ? PixelSums / 2 : _pixels * PixelSums;
    }

    public override int Units => _kernel.Units;

    public override int Blocks => _kernel.Blocks;

    public override string Name => $"{_kernel.Name} twice";

    public override long WeightBytes => _kernel.WeightBytes + _constants.Length;

    public override IEnumerable<ConstantReach> Constants =>
        [.. _kernel.Constants, ConstantReach.Of("corrections", _constants, 4L * _layer.Shape.OutputChannels * sizeof(int))];

    // The sums of both passes, and what the kernel needs.
    public override int ScratchBytes => checked(2 * _pixels * PixelBytes + _kernel.ScratchBytes);

    public override ByteSpan InputReach => _kernel.Reach.Input;

    public override void Run(in WordOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var block = blockStart; block < blockEnd; block += _blocks)
            for (var unit = unitStart; unit < unitEnd; unit += _units)
                RunPiece(operands, unit, Math.Min(unit + _units, unitEnd), block, Math.Min(block + _blocks, blockEnd));
    }

    private void RunPiece(in WordOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var (first, end) = (_kernel.FirstPixelOf(unitStart), _kernel.FirstPixelOf(unitEnd));
        var channel = blockStart * _kernel.ChannelsPerBlock;
        var channels = Math.Min(blockEnd * _kernel.ChannelsPerBlock, _layer.Shape.OutputChannels) - channel;
        // The kernel counts from the whole output's first pixel and channel.
        var origin = (long)first * PixelBytes + (long)channel * sizeof(int);
        var pass = new ConvolutionOperands
        {
            Input = operands.Input,
            Output = operands.Scratch - origin,
            Scratch = operands.Scratch + 2L * _pixels * PixelBytes,
        };
        _kernel.Run(pass, unitStart, unitEnd, blockStart, blockEnd);
        pass.Input = operands.LowInput;
        pass.Output += (long)_lowSums * sizeof(int);
        _kernel.Run(pass, unitStart, unitEnd, blockStart, blockEnd);
        Combine(operands, first, end, channel, channels);
    }

    /// <summary>Row after row, as far as pixels lie at equal distances.</summary>
    private void Combine(in WordOperands operands, int first, int end, int channel, int channels)
    {
        var shape = _layer.Shape;
        var all = shape.OutputChannels;
        var constants = (int*)_constants.Start + channel;
        var call = new HalfSums
        {
            High = (int*)operands.Scratch,
            Low = (int*)operands.Scratch + _lowSums,
            Stride = PixelSums,
            HighCorrections = constants,
            LowCorrections = constants + all,
            Multipliers = (float*)(constants + 2 * all),
            Offsets = (float*)(constants + 3 * all),
            OutputStride = shape.Output.Pixel,
            LowOutputStride = _layer.LowOutput.Pixel,
            Channels = channels,
        };
        for (var pixel = first; pixel < end; pixel += call.Pixels)
        {
            var (row, x) = Math.DivRem(pixel, shape.OutputWidth);
            var (image, y) = Math.DivRem(row, shape.OutputHeight);
            call.Pixels = Math.Min(end - pixel, shape.OutputWidth - x);
            call.Output = operands.Output + At(shape.Output) + (long)channel * _layer.Epilogue.ElementSize;
            call.LowOutput = operands.LowOutput + At(_layer.LowOutput) + channel;
            _combine.Run(call, _form);
            call.High += (long)call.Pixels * PixelSums;
            call.Low += (long)call.Pixels * PixelSums;

            long At(PlaneStrides plane) => image * plane.Image + (long)y * plane.Row + (long)x * plane.Pixel;
        }
    }

    /// <summary>One pass: the plain sums of bytes and weights, those of a pixel side by side in the working memory.</summary>
    public static ConvolutionLayer Pass(WordLayer layer)
    {
        var (shape, outputs) = (layer.Shape, layer.Shape.OutputChannels);
        var row = checked(shape.OutputWidth * PixelBytes);
        return new(layer.Name, shape with { Output = new(PixelBytes, row, (long)row * shape.OutputHeight), Residual = default },
            layer.Weights, new int[outputs], 0, Epilogue.OfSums(outputs));
    }

    private void WriteConstants()
    {
        var (pass, outputs) = (Pass(_layer), _layer.Shape.OutputChannels);
        var scale = new WordScale(1, _layer.InputZeroPoint);
        (pass with { InputZeroPoint = scale.HighZero }).FoldedBias().CopyTo(_constants.Span<int>());
        (pass with { InputZeroPoint = scale.LowZero }).FoldedBias().CopyTo(_constants.Span<int>()[outputs..]);
        _layer.Epilogue.Multipliers.CopyTo(_constants.Span<float>()[(2 * outputs)..]);
        _layer.Epilogue.Offsets.CopyTo(_constants.Span<float>()[(3 * outputs)..]);
    }
}
