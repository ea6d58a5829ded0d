using System.Runtime.CompilerServices;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>
/// Convolution by intrinsics: four pixels times two vectors of output channels stay in registers while all taps and input
/// channels pass by. A unit is an output row of an image, a block two vectors of channels.
/// </summary>
internal sealed unsafe class TiledConvolution<TDot, TVector> : ConvolutionKernel
    where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
{
    private const int Pixels = 4;
    private const int Vectors = 2;

    private static readonly int Lanes = sizeof(TVector) / sizeof(int);
    private static readonly int Channels = Vectors * Lanes;

    private readonly string _name;
    private readonly ConvolutionShape _shape;
    private readonly SumsEpilogue _epilogue;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _bias;
    private readonly int _groups;

    private TiledConvolution(string name, ConvolutionLayer layer, KernelResources resources) : base(layer)
    {
        (_name, _shape) = (name, layer.Shape);
        _groups = (_shape.InputChannels + 3) / 4;
        _epilogue = new SumsEpilogue(layer.Epilogue, resources);
        _weights = resources.Model.Once(layer.Weights, (typeof(TDot), _shape.KernelHeight * _shape.KernelWidth), () => Packed(layer,
            resources.Model.Own(new NativeBuffer(Blocks * BytesPerBlock))));
        _bias = resources.Own(new NativeBuffer((long)Blocks * Channels * sizeof(int)));
        var folded = layer.FoldedBias();
        var bias = _bias.Span<int>();
        // Without zero points the sums are those of the weights.
        for (var channel = 0; channel < folded.Length; channel++)
            bias[channel] = unchecked(folded[channel] + layer.Weights.Sums[channel] * TDot.InputShift);
    }

    public override int Units => _shape.Images * _shape.OutputHeight;

    public override int Blocks => (_shape.OutputChannels + Channels - 1) / Channels;

    public override int ChannelsPerBlock => Channels;

    public override int FirstPixelOf(int unit) => unit * _shape.OutputWidth;

    public override string Name => $"{_name} {Pixels}x{Channels}";

    public override long WeightBytes => _weights.Length + _bias.Length;

    public override int ScratchBytes => Pixels * Channels * sizeof(int);

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("weights", _weights, Blocks * BytesPerBlock),
        ConstantReach.Of("biases", _bias, (long)Blocks * Channels * sizeof(int)),
        _epilogue.Constants(_shape.OutputChannels),
    ];

    private long BytesPerBlock => (long)_shape.KernelHeight * _shape.KernelWidth * _groups * Vectors * TDot.PackedBytes;

    /// <summary>The kernel for a layer; null for depthwise ones and those with zero points of weights.</summary>
    public static ConvolutionKernel? TryCreate(string name, ConvolutionLayer layer, KernelResources resources) =>
        layer.Shape.IsDepthwise || layer.Weights.HasZeroPoints ? null : new TiledConvolution<TDot, TVector>(name, layer, resources);

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var sums = (int*)operands.Scratch;
        for (var block = blockStart; block < blockEnd; block++)
        {
            var channel = block * Channels;
            var count = Math.Min(Channels, _shape.OutputChannels - channel);
            for (var unit = unitStart; unit < unitEnd; unit++)
            {
                var (image, y) = Math.DivRem(unit, _shape.OutputHeight);
                var input = operands.Input + image * _shape.Input.Image + (long)y * _shape.StrideY * _shape.Input.Row;
                var output = operands.Output + image * _shape.Output.Image + (long)y * _shape.Output.Row;
                var residual = operands.Residual + image * _shape.Residual.Image + (long)y * _shape.Residual.Row;
                for (var x = 0; x < _shape.OutputWidth; x += Pixels)
                {
                    var pixels = Math.Min(Pixels, _shape.OutputWidth - x);
                    Sum(input + (long)x * _shape.StrideX * _shape.Input.Pixel, pixels, block, sums);
                    for (var p = 0; p < pixels; p++)
                    {
                        _epilogue.Write(sums + p * Channels, channel, count, output + (long)(x + p) * _shape.Output.Pixel,
                            residual + (long)(x + p) * _shape.Residual.Pixel);
                    }
                }
            }
        }
    }

    /// <summary>Sums of a tile. Where fewer pixels are left, the last one is computed again in place of those that are not there.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(byte* input, int pixels, int block, int* sums)
    {
        long step = (long)_shape.StrideX * _shape.Input.Pixel;
        long at1 = Math.Min(1, pixels - 1) * step, at2 = Math.Min(2, pixels - 1) * step, at3 = Math.Min(3, pixels - 1) * step;
        var bias = (int*)_bias.Start + block * Channels;
        TVector s00 = TDot.Load(bias), s01 = TDot.Load(bias + Lanes);
        TVector s10 = s00, s11 = s01, s20 = s00, s21 = s01, s30 = s00, s31 = s01;
        var weights = (sbyte*)_weights.Start + block * BytesPerBlock;
        for (var ky = 0; ky < _shape.KernelHeight; ky++)
        {
            for (var kx = 0; kx < _shape.KernelWidth; kx++)
            {
                var x = input + (long)ky * _shape.DilationY * _shape.Input.Row + (long)kx * _shape.DilationX * _shape.Input.Pixel;
                for (var group = 0; group < _groups; group++, x += 4, weights += Vectors * TDot.PackedBytes)
                {
                    s00 = TDot.Step(s00, x, weights);
                    s01 = TDot.Step(s01, x, weights + TDot.PackedBytes);
                    s10 = TDot.Step(s10, x + at1, weights);
                    s11 = TDot.Step(s11, x + at1, weights + TDot.PackedBytes);
                    s20 = TDot.Step(s20, x + at2, weights);
                    s21 = TDot.Step(s21, x + at2, weights + TDot.PackedBytes);
                    s30 = TDot.Step(s30, x + at3, weights);
                    s31 = TDot.Step(s31, x + at3, weights + TDot.PackedBytes);
                }
            }
        }
        TDot.Store(s00, sums);
        TDot.Store(s01, sums + Lanes);
        TDot.Store(s10, sums + 2 * Lanes);
        TDot.Store(s11, sums + 3 * Lanes);
        TDot.Store(s20, sums + 4 * Lanes);
        TDot.Store(s21, sums + 5 * Lanes);
        TDot.Store(s30, sums + 6 * Lanes);
        TDot.Store(s31, sums + 7 * Lanes);
    }

    private NativeBuffer Packed(ConvolutionLayer layer, NativeBuffer buffer)
    {
        var to = (sbyte*)buffer.Start;
        Span<sbyte> four = stackalloc sbyte[4 * Lanes];
        for (var block = 0; block < Blocks; block++)
        {
            for (var tap = 0; tap < _shape.KernelHeight * _shape.KernelWidth; tap++)
            {
                for (var group = 0; group < _groups * Vectors; group++, to += TDot.PackedBytes)
                {
                    Gather(layer, block * Channels + group % Vectors * Lanes, tap * _shape.InputChannels, group / Vectors * 4, four);
                    TDot.Pack(four, to);
                }
            }
        }
        return buffer;
    }

    private void Gather(ConvolutionLayer layer, int firstChannel, int tapStart, int firstInput, Span<sbyte> four)
    {
        four.Clear();
        for (var i = 0; i < four.Length; i++)
        {
            var (channel, input) = (firstChannel + i / 4, firstInput + i % 4);
            if (channel < _shape.OutputChannels && input < _shape.InputChannels)
                four[i] = layer.Weights.Values[channel * _shape.ProductsPerOutput + tapStart + input];
        }
    }
}
