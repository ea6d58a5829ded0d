using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>Depthwise convolution by intrinsics: sums of 8 channels are kept while the taps pass by. A unit is an output row
/// of an image, a block 64 channels.</summary>
internal sealed unsafe class DepthwiseConvolution : ConvolutionKernel
{
    private const int Lanes = 8;
    private const int BlockChannels = 64;

    private readonly string _name;
    private readonly ConvolutionShape _shape;
    private readonly SumsEpilogue _epilogue;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _bias;
    private readonly NativeBuffer _taps;
    private readonly int _pairs;

    private DepthwiseConvolution(string name, ConvolutionLayer layer, KernelResources resources) : base(layer)
    {
        (_name, _shape) = (name, layer.Shape);
        _epilogue = new SumsEpilogue(layer.Epilogue, resources);
        _pairs = (_shape.ProductsPerOutput + 1) / 2;
        var groups = (_shape.OutputChannels + Lanes - 1) / Lanes;
        // [group of 8 channels][pair of taps][channel][tap of the pair], as 16 bits.
        _weights = resources.Model.Once(layer.Weights, nameof(DepthwiseConvolution), () => Packed(layer.Weights.Values,
            resources.Model.Own(new NativeBuffer((long)groups * _pairs * 2 * Lanes * sizeof(short)))));
        _bias = resources.Own(new NativeBuffer((long)groups * Lanes * sizeof(int)));
        layer.FoldedBias().CopyTo(_bias.Span<int>());
        var taps = _shape.ProductsPerOutput;
        _taps = resources.Own(new NativeBuffer(2L * _pairs * sizeof(long)));
        for (var tap = 0; tap < 2 * _pairs; tap++)
        {
            var (ky, kx) = Math.DivRem(Math.Min(tap, taps - 1), _shape.KernelWidth);
            _taps.Span<long>()[tap] = (long)ky * _shape.DilationY * _shape.Input.Row + (long)kx * _shape.DilationX * _shape.Input.Pixel;
        }
    }

    private NativeBuffer Packed(sbyte[] weights, NativeBuffer buffer)
    {
        var packed = buffer.Span<short>();
        var taps = _shape.ProductsPerOutput;
        for (var channel = 0; channel < _shape.OutputChannels; channel++)
            for (var tap = 0; tap < taps; tap++)
                packed[((channel / Lanes * _pairs + tap / 2) * Lanes + channel % Lanes) * 2 + tap % 2] = weights[channel * taps + tap];
        return buffer;
    }

    public override int Units => _shape.Images * _shape.OutputHeight;

    public override int Blocks => (_shape.OutputChannels + BlockChannels - 1) / BlockChannels;

    public override int ChannelsPerBlock => BlockChannels;

    public override int FirstPixelOf(int unit) => unit * _shape.OutputWidth;

    public override string Name => $"{_name} 1x{Lanes}";

    public override long WeightBytes => _weights.Length + _bias.Length;

    public override IEnumerable<ConstantReach> Constants
    {
        get
        {
            var groups = (long)(_shape.OutputChannels + Lanes - 1) / Lanes;
            yield return ConstantReach.Of("weights", _weights, groups * _pairs * 2 * Lanes * sizeof(short));
            yield return ConstantReach.Of("biases", _bias, groups * Lanes * sizeof(int));
            yield return ConstantReach.Of("taps", _taps, 2L * _pairs * sizeof(long));
            yield return _epilogue.Constants(_shape.OutputChannels);
        }
    }

    /// <summary>The kernel for a depthwise layer; null for others.</summary>
    public static ConvolutionKernel? TryCreate(string name, ConvolutionLayer layer, KernelResources resources) =>
        !layer.Shape.IsDepthwise || layer.Weights.HasZeroPoints ? null : new DepthwiseConvolution(name, layer, resources);

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var end = Math.Min(_shape.OutputChannels, blockEnd * BlockChannels);
        var sums = stackalloc int[Lanes];
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (image, y) = Math.DivRem(unit, _shape.OutputHeight);
            for (var x = 0; x < _shape.OutputWidth; x++)
            {
                var input = operands.Input + image * _shape.Input.Image + (long)y * _shape.StrideY * _shape.Input.Row
                    + (long)x * _shape.StrideX * _shape.Input.Pixel;
                var output = operands.Output + image * _shape.Output.Image + (long)y * _shape.Output.Row + (long)x * _shape.Output.Pixel;
                var residual = operands.Residual + image * _shape.Residual.Image + (long)y * _shape.Residual.Row + (long)x * _shape.Residual.Pixel;
                for (var channel = blockStart * BlockChannels; channel < end; channel += Lanes)
                {
                    Sum(input + channel, channel / Lanes, sums);
                    _epilogue.Write(new(sums, Lanes, 1, channel, Math.Min(Lanes, end - channel)), default(EvenPlaces), output, residual);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Sum(byte* input, int group, int* sums)
    {
        var low = Vector128.Load((int*)_bias.Start + group * Lanes);
        var high = Vector128.Load((int*)_bias.Start + group * Lanes + 4);
        var weights = (short*)_weights.Start + (long)group * _pairs * 2 * Lanes;
        for (var pair = 0; pair < _pairs; pair++, weights += 2 * Lanes)
        {
            // The bytes of two taps, channel after channel; where the last has no other, itself, whose weight there is 0.
            var bytes = Vector128.Shuffle(Vector128.Create(*(ulong*)TapAt(input, 2 * pair), *(ulong*)TapAt(input, 2 * pair + 1)).AsByte(),
                Vector128.Create((byte)0, 8, 1, 9, 2, 10, 3, 11, 4, 12, 5, 13, 6, 14, 7, 15));
            low = PairDot.Step(low, Vector128.WidenLower(bytes).AsInt32(), Vector128.Load(weights).AsInt32());
            high = PairDot.Step(high, Vector128.WidenUpper(bytes).AsInt32(), Vector128.Load(weights + 8).AsInt32());
        }
        low.Store(sums);
        high.Store(sums + 4);
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private byte* TapAt(byte* input, int tap) => input + ((long*)_taps.Start)[tap];
}
