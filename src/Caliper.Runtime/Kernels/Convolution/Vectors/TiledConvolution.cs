using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>
/// Convolution by intrinsics. The windows of some pixels are spread side by side in the thread's working memory; then, one block of channels
/// after the other, tiles of six pixels times two vectors of channels are summed. A unit is a piece of the order of pixels, wherever rows end, a
/// block two vectors of channels.
/// </summary>
internal sealed unsafe class TiledConvolution<TDot, TVector> : ConvolutionKernel
    where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
{
    private const int Rows = SumTile<TDot, TVector>.Rows;
    private const int Vectors = SumTile<TDot, TVector>.Vectors;

    // Spread windows of a unit stay in the second-level cache with the weights of a block.
    private const int SpreadBytes = 1 << 16;
    private const int MostPixels = 16 * Rows;

    private static readonly int Lanes = sizeof(TVector) / sizeof(int);
    private static readonly int Channels = Vectors * Lanes;

    private readonly string _name;
    private readonly ConvolutionShape _shape;
    private readonly SumsEpilogue _epilogue;
    private readonly SpreadWindows _windows;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _bias;
    private readonly int _steps, _distance, _pixels, _pixelsOfUnit;

    private TiledConvolution(string name, ConvolutionLayer layer, KernelResources resources) : base(layer)
    {
        (_name, _shape, _windows) = (name, layer.Shape, SpreadWindows.Of(layer.Shape));
        _steps = _windows.Length / TDot.InputsOfStep;
        // A line more: windows whose distance is a multiple of 4096 bytes would drive each other out of the cache.
        _distance = Sizes.RoundUp(4 * _steps, NativeBuffer.Alignment) + NativeBuffer.Alignment;
        _pixels = _shape.Images * _shape.OutputHeight * _shape.OutputWidth;
        var most = Math.Clamp(SpreadBytes / _distance / Rows * Rows, Rows, MostPixels);
        _pixelsOfUnit = Sizes.RoundUp(Sizes.CeilDiv(_pixels, Sizes.CeilDiv(_pixels, most)), Rows);
        _epilogue = new SumsEpilogue(layer.Epilogue, resources);
        _weights = resources.Model.Once(layer.Weights, (typeof(TDot), _windows), () => Packed(layer,
            resources.Model.Own(new NativeBuffer(Blocks * BytesPerBlock))));
        _bias = resources.Own(new NativeBuffer((long)Blocks * Channels * sizeof(int)));
        var folded = layer.FoldedBias();
        var bias = _bias.Span<int>();
        // Without zero points the sums are those of the weights.
        for (var channel = 0; channel < folded.Length; channel++)
            bias[channel] = unchecked(folded[channel] + layer.Weights.Sums[channel] * TDot.InputShift);
    }

    public override int Units => Sizes.CeilDiv(_pixels, _pixelsOfUnit);

    public override int Blocks => Sizes.CeilDiv(_shape.OutputChannels, Channels);

    public override int ChannelsPerBlock => Channels;

    public override int FirstPixelOf(int unit) => Math.Min(unit * _pixelsOfUnit, _pixels);

    public override string Name => $"{_name} {Rows}x{Channels}";

    public override long WeightBytes => _weights.Length + _bias.Length;

    // The sums of a tile, spread windows, and what the last vector of the last of them writes beyond its end.
    public override int ScratchBytes => checked(SumBytes + _pixelsOfUnit * _distance + NativeBuffer.Alignment);

    private static int SumBytes => Rows * Channels * sizeof(int);

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("weights", _weights, Blocks * BytesPerBlock),
        ConstantReach.Of("biases", _bias, (long)Blocks * Channels * sizeof(int)),
        _epilogue.Constants(_shape.OutputChannels),
    ];

    private long BytesPerBlock => (long)_steps * Vectors * sizeof(TVector);

    /// <summary>The kernel for a layer; null for depthwise ones and those with zero points of weights.</summary>
    public static ConvolutionKernel? TryCreate(string name, ConvolutionLayer layer, KernelResources resources) =>
        layer.Shape.IsDepthwise || layer.Weights.HasZeroPoints ? null : new TiledConvolution<TDot, TVector>(name, layer, resources);

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (first, end) = (FirstPixelOf(unit), FirstPixelOf(unit + 1));
            Spread(operands, first, end);
            for (var block = blockStart; block < blockEnd; block++) RunBlock(operands, first, end, block);
        }
    }

    private void RunBlock(in ConvolutionOperands operands, int first, int end, int block)
    {
        var sums = (int*)operands.Scratch;
        var tile = new TileOperands
        {
            Inputs = operands.Scratch + SumBytes,
            InputDistance = _distance,
            Weights = (sbyte*)_weights.Start + block * BytesPerBlock,
            Steps = _steps,
            Start = (int*)_bias.Start + block * Channels,
            Sums = sums,
            SumDistance = Channels,
        };
        var channel = block * Channels;
        var count = Math.Min(Channels, _shape.OutputChannels - channel);
        var place = new PixelPlace(_shape, first);
        for (var pixel = first; pixel < end; pixel += Rows, tile.Inputs += Rows * _distance)
        {
            var rows = Math.Min(Rows, end - pixel);
            SumTile<TDot, TVector>.Run(rows, tile);
            for (var row = 0; row < rows; row++, place.Next())
            {
                _epilogue.Write(sums + row * Channels, channel, count, operands.Output + place.In(_shape.Output),
                    operands.Residual + place.In(_shape.Residual));
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread(in ConvolutionOperands operands, int first, int end)
    {
        var to = operands.Scratch + SumBytes;
        var (runs, inputs, distance) = (_windows.Runs, _windows.Inputs, _windows.RunDistance * 4 / TDot.InputsOfStep);
        var strides = _shape.Input with { Pixel = _shape.StrideX * _shape.Input.Pixel, Row = _shape.StrideY * _shape.Input.Row };
        var place = new PixelPlace(_shape, first);
        for (var pixel = first; pixel < end; pixel++, to += _distance, place.Next())
        {
            var from = operands.Input + place.In(strides);
            for (var run = 0; run < runs; run++) TDot.Spread(from + _windows.SourceOf(run), inputs, to + run * distance);
        }
    }

    private NativeBuffer Packed(ConvolutionLayer layer, NativeBuffer buffer)
    {
        var length = _windows.Length;
        var window = new sbyte[Lanes * length];
        var quadBytes = 4 / TDot.InputsOfStep * Vectors * sizeof(TVector);
        Span<sbyte> quad = stackalloc sbyte[4 * Lanes];
        for (var first = 0; first < Blocks * Channels; first += Lanes)
        {
            for (var lane = 0; lane < Lanes; lane++) CopyWindow(layer.Weights.Values, first + lane, window.AsSpan(lane * length, length));
            var to = (sbyte*)buffer.Start + first / Channels * BytesPerBlock + first % Channels / Lanes * sizeof(TVector);
            for (var at = 0; at < length; at += 4, to += quadBytes)
            {
                for (var i = 0; i < quad.Length; i++) quad[i] = window[i / 4 * length + at + i % 4];
                TDot.Pack(quad, to, Vectors * sizeof(TVector));
            }
        }
        return buffer;
    }

    /// <summary>The weights of an output channel, at the places of the inputs that they meet, and 0 elsewhere.</summary>
    private void CopyWindow(sbyte[] weights, int channel, Span<sbyte> window)
    {
        window.Clear();
        if (channel >= _shape.OutputChannels) return;
        for (var tap = 0; tap < _shape.KernelHeight * _shape.KernelWidth; tap++)
        {
            var source = weights.AsSpan(channel * _shape.ProductsPerOutput + tap * _shape.InputChannels, _shape.InputChannels);
            source.CopyTo(window[_windows.At(tap / _shape.KernelWidth, tap % _shape.KernelWidth)..]);
        }
    }
}
