namespace Caliper.Kernels.Convolution;

/// <summary>The reference: the sum as the theory writes it, one product at a time. Takes every layer. A unit is an output
/// row of an image, a block one output channel.</summary>
internal sealed unsafe class ScalarConvolution : ConvolutionKernel
{
    public static KernelEntry<ConvolutionMaker> Entry { get; } =
        new("portable", KernelSet.Portable, Machine.Nothing, (layer, _) => new ScalarConvolution(layer));

    private readonly ConvolutionLayer _layer;
    private readonly sbyte[] _weights;
    private readonly ConvolutionShape _shape;
    private readonly int[] _bias;

    private ScalarConvolution(ConvolutionLayer layer) : base(layer) =>
        (_layer, _weights, _shape, _bias) = (layer, layer.Weights.Values, layer.Shape, layer.FoldedBias());

    public override int Units => _shape.Images * _shape.OutputHeight;

    public override int Blocks => _shape.OutputChannels;

    public override int ChannelsPerBlock => 1;

    public override int FirstPixelOf(int unit) => unit * _shape.OutputWidth;

    public override string Name => "portable";

    public override long WeightBytes => _weights.Length + 8L * _bias.Length;

    // Arrays, which hold their own bounds.
    public override IEnumerable<ConstantReach> Constants => [];

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, _shape.OutputHeight);
            for (var x = 0; x < _shape.OutputWidth; x++)
            {
                var first = operands.Input + image * _shape.Input.Image + (long)y * _shape.StrideY * _shape.Input.Row
                    + (long)x * _shape.StrideX * _shape.Input.Pixel;
                var output = operands.Output + image * _shape.Output.Image + (long)y * _shape.Output.Row + (long)x * _shape.Output.Pixel;
                var residual = operands.Residual + image * _shape.Residual.Image + (long)y * _shape.Residual.Row
                    + (long)x * _shape.Residual.Pixel;
                for (var channel = blockStart; channel < blockEnd; channel++)
                    Finish(Sum(first, channel), channel, output, residual);
            }
        }
    }

    private int Sum(byte* first, int channel)
    {
        var sum = _bias[channel];
        var zero = _layer.Weights.ZeroPoints[channel];
        var perTap = _shape.IsDepthwise ? 1 : _shape.InputChannels;
        var weight = (long)channel * _shape.ProductsPerOutput;
        for (var ky = 0; ky < _shape.KernelHeight; ky++)
        {
            for (var kx = 0; kx < _shape.KernelWidth; kx++)
            {
                var pixel = first + (long)ky * _shape.DilationY * _shape.Input.Row + (long)kx * _shape.DilationX * _shape.Input.Pixel;
                if (_shape.IsDepthwise) pixel += channel;
                for (var c = 0; c < perTap; c++) sum += pixel[c] * (_weights[weight++] - zero);
            }
        }
        return sum;
    }

    private void Finish(int sum, int channel, byte* output, byte* residual)
    {
        var epilogue = _layer.Epilogue;
        if (epilogue.GivesSums)
        {
            ((int*)output)[channel] = sum;
            return;
        }
        if (epilogue.GivesFloat)
        {
            ((float*)output)[channel] = sum * epilogue.Multipliers[channel];
            return;
        }
        var q = epilogue.Requantize(sum, epilogue.Multipliers[channel]);
        output[channel] = epilogue.Residual is { } addition ? addition.Add(q, residual[channel]) : q;
    }
}
