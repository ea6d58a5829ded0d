using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>
/// A convolution of 3×3 by AVX2, with 16 products for 2×2 outputs in place of 36, and the same sums: <see cref="WinogradTransform"/>. It pays
/// where products take 16 bits anyway. The inputs of some tiles are transformed for all channels, then each of the sixteen products is a matrix
/// product of tiles and channels. A unit is two rows of outputs, a block two vectors of channels.
/// </summary>
internal sealed unsafe class WinogradConvolution : ConvolutionKernel
{
    private const int Lanes = 8, Vectors = SumTile<Avx2Dot, Vector256<int>>.Vectors, Channels = Vectors * Lanes;
    private const int Rows = SumTile<Avx2Dot, Vector256<int>>.Rows;
    private const int Products = WinogradTransform.Products, Outputs = WinogradTransform.Outputs, Together = WinogradTransform.InputsTogether;

    // Transformed inputs of the tiles that are worked on stay in the second-level cache, summed products of a block in the first.
    private const int TransformedBytes = 1 << 18;
    private const int MostTiles = 6 * Rows;

    private readonly string _name;
    private readonly ConvolutionShape _shape;
    private readonly SumsEpilogue _epilogue;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _biases;
    private readonly int _tilesOfRow, _rowsOfImage, _steps, _distance, _tiles;

    private WinogradConvolution(string name, ConvolutionLayer layer, KernelResources resources) : base(layer)
    {
        (_name, _shape) = (name, layer.Shape);
        (_tilesOfRow, _rowsOfImage) = (Sizes.CeilDiv(_shape.OutputWidth, Outputs), Sizes.CeilDiv(_shape.OutputHeight, Outputs));
        _steps = Sizes.CeilDiv(_shape.InputChannels, Avx2Dot.InputsOfStep);
        _distance = Sizes.RoundUp(_shape.InputChannels, Together);
        _tiles = Math.Min(Sizes.RoundUp(TransformedBytes / (Products * sizeof(short) * _distance), Rows), MostTiles);
        _epilogue = new SumsEpilogue(layer.Epilogue, resources);
        _weights = resources.Model.Once(layer.Weights, typeof(WinogradConvolution), () => Packed(layer.Weights.Values,
            resources.Model.Own(new NativeBuffer(Blocks * BytesPerBlock))));
        // After the biases, zeros, which the sums of products begin with.
        _biases = resources.Own(new NativeBuffer((long)(Blocks + 1) * Channels * sizeof(int)));
        layer.FoldedBias().CopyTo(_biases.Span<int>());
    }

    public override int Units => _shape.Images * _rowsOfImage;

    public override int Blocks => Sizes.CeilDiv(_shape.OutputChannels, Channels);

    public override int ChannelsPerBlock => Channels;

    public override int FirstPixelOf(int unit)
    {
        var (image, row) = Math.DivRem(unit, _rowsOfImage);
        return (image * _shape.OutputHeight + row * Outputs) * _shape.OutputWidth;
    }

    public override string Name => $"{_name} winograd {Rows}x{Channels}";

    public override long WeightBytes => _weights.Length + _biases.Length;

    public override IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("weights", _weights, Blocks * BytesPerBlock),
        ConstantReach.Of("biases", _biases, (long)(Blocks + 1) * Channels * sizeof(int)),
        _epilogue.Constants(_shape.OutputChannels),
    ];

    // Transformed inputs, summed products of a block, and the sums of its outputs.
    public override int ScratchBytes => checked(InputBytes + _tiles * (Products + Outputs * Outputs) * Channels * sizeof(int));

    private int InputBytes => Products * _tiles * _distance * sizeof(short);

    private long BytesOfProduct => (long)_steps * Vectors * sizeof(Vector256<int>);

    private long BytesPerBlock => Products * BytesOfProduct;

    /// <summary>The kernel for a layer; null where it is of another kind, or where the tiles would be mostly empty or the transforms dearer
    /// than what they save.</summary>
    public static ConvolutionKernel? TryCreate(string name, ConvolutionLayer layer, KernelResources resources)
    {
        var shape = layer.Shape;
        if (shape is not { KernelHeight: 3, KernelWidth: 3, StrideX: 1, StrideY: 1, DilationX: 1, DilationY: 1, IsDepthwise: false }) return null;
        if (layer.Weights.HasZeroPoints || layer.Weights.LargestSum * byte.MaxValue > int.MaxValue / (Outputs * Outputs)) return null;
        var (height, width) = (shape.OutputHeight, shape.OutputWidth);
        var isWorthIt = shape.InputChannels >= Together && shape.OutputChannels >= Channels
            && 8L * height * width >= 5L * Sizes.RoundUp(height, Outputs) * Sizes.RoundUp(width, Outputs);
        return isWorthIt ? new WinogradConvolution(name, layer, resources) : null;
    }

    public override void Run(in ConvolutionOperands operands, int unitStart, int unitEnd, int blockStart, int blockEnd)
    {
        var (first, end) = (unitStart * _tilesOfRow, unitEnd * _tilesOfRow);
        // Each piece reads all weights: the last is not to be left with few tiles.
        var pieces = Sizes.CeilDiv(end - first, _tiles);
        var together = Sizes.RoundUp(Sizes.CeilDiv(end - first, pieces), Rows);
        for (; first < end; first += together)
        {
            var count = Math.Min(together, end - first);
            Transform(operands, first, count);
            for (var block = blockStart; block < blockEnd; block++)
            {
                Multiply(operands.Scratch, count, block);
                Finish(operands, first, count, block);
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Transform(in ConvolutionOperands operands, int first, int count)
    {
        var (input, distance) = (_shape.Input, (nint)_tiles * _distance);
        var rows = stackalloc byte*[4];
        var columns = stackalloc long[4];
        var to = (short*)operands.Scratch;
        for (var tile = first; tile < first + count; tile++, to += _distance)
        {
            var (image, y, x) = PlaceOf(tile);
            // A tile at an odd end has an output that is not there, and reads for it a row or column that is.
            for (var i = 0; i < 4; i++)
            {
                rows[i] = operands.Input + image * input.Image + (long)Math.Min(y + i, _shape.OutputHeight + 1) * input.Row;
                columns[i] = (long)Math.Min(x + i, _shape.OutputWidth + 1) * input.Pixel;
            }
            for (var channel = 0; channel < _shape.InputChannels; channel += Together)
            {
                WinogradTransform.OfInputs(rows, columns, to + channel, distance);
                for (var i = 0; i < 4; i++) rows[i] += Together;
            }
        }
    }

    private void Multiply(byte* scratch, int count, int block)
    {
        for (var product = 0; product < Products; product++)
        {
            var tile = new TileOperands
            {
                Inputs = scratch + (long)product * _tiles * _distance * sizeof(short),
                InputDistance = _distance * sizeof(short),
                Weights = (sbyte*)_weights.Start + block * BytesPerBlock + product * BytesOfProduct,
                Steps = _steps,
                Start = (int*)_biases.Start + Blocks * Channels,
            };
            var sums = (int*)(scratch + InputBytes) + product * Channels;
            SumTile<Avx2Dot, Vector256<int>>.Run(count, tile, sums, Products * Channels);
        }
    }

    /// <summary>Tiles of a row together: two rows of outputs.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Finish(in ConvolutionOperands operands, int first, int count, int block)
    {
        var products = (int*)(operands.Scratch + InputBytes);
        var sums = products + _tiles * Products * Channels;
        var channel = block * Channels;
        var biases = (int*)_biases.Start + channel;
        var row = (nint)Outputs * _tiles * Channels;
        for (int tile = first, together; tile < first + count; tile += together)
        {
            var (image, y, x) = PlaceOf(tile);
            together = Math.Min(first + count - tile, _tilesOfRow - x / Outputs);
            for (var i = 0; i < together; i++, products += Products * Channels)
            {
                for (var lane = 0; lane < Channels; lane += Lanes)
                {
                    WinogradTransform.ToOutputs(products + lane, Channels, Vector256.Load(biases + lane),
                        sums + i * Outputs * Channels + lane, Channels, row);
                }
            }
            var pixels = Math.Min(Outputs * together, _shape.OutputWidth - x);
            for (var i = 0; i < Math.Min(Outputs, _shape.OutputHeight - y); i++)
            {
                _epilogue.Write(new(sums + i * row, Channels, pixels, channel, Math.Min(Channels, _shape.OutputChannels - channel)),
                    new EvenPlaces(_shape.Output.Pixel, _shape.Residual.Pixel), operands.Output + At(_shape.Output),
                    operands.Residual + At(_shape.Residual));

                long At(PlaneStrides plane) => image * plane.Image + (long)(y + i) * plane.Row + (long)x * plane.Pixel;
            }
        }
    }

    private (int Image, int Y, int X) PlaceOf(int tile)
    {
        var (unit, column) = Math.DivRem(tile, _tilesOfRow);
        var (image, row) = Math.DivRem(unit, _rowsOfImage);
        return (image, row * Outputs, column * Outputs);
    }

    private NativeBuffer Packed(sbyte[] weights, NativeBuffer buffer)
    {
        Span<short> products = stackalloc short[Products];
        var inputs = _shape.InputChannels;
        for (var channel = 0; channel < _shape.OutputChannels; channel++)
        {
            var lane = (short*)(buffer.Start + channel / Channels * BytesPerBlock + channel % Channels * sizeof(int));
            for (var input = 0; input < inputs; input++)
            {
                WinogradTransform.OfWeights(weights.AsSpan(channel * _shape.ProductsPerOutput + input), inputs, products);
                var at = (long)input / 2 * Channels * 2 + input % 2;
                for (var product = 0; product < Products; product++) lane[product * BytesOfProduct / sizeof(short) + at] = products[product];
            }
        }
        return buffer;
    }
}
