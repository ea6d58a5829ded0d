using System.Runtime.CompilerServices;
using Caliper.Engine.Values;

namespace Caliper.Kernels.Convolution.Vectors;

/// <summary>What spreads the inputs of a layer.</summary>
internal unsafe interface ISpreadSource
{
    /// <summary>Spreads a run of inputs, and with it up to 31 that follow.</summary>
    /// <param name="at">Where it begins, from the first tap of the first pixel.</param>
    /// <param name="count">How many.</param>
    /// <param name="spread">Receives four bytes for each step.</param>
    void Spread(long at, int count, byte* spread);
}

/// <summary>What becomes of the sums of a layer.</summary>
internal interface ITileEnd
{
    /// <summary>Writes some channels of some pixels.</summary>
    /// <param name="sums">Their sums.</param>
    /// <param name="places">Where the pixels lie, from the first one of all images.</param>
    void Write(in PixelSums sums, ListedPlaces places);
}

/// <summary>
/// The sums of a layer by intrinsics. The windows of some pixels are spread side by side in the thread's working memory; then, one block of
/// channels after the other, tiles of pixels and channels are summed. A unit is a piece of the order of pixels, wherever rows end, a block two
/// vectors of channels.
/// </summary>
internal sealed unsafe class SpreadTiles<TDot, TVector> where TDot : struct, IDotProduct<TVector> where TVector : unmanaged
{
    private const int Rows = SumTile<TDot, TVector>.Rows;
    private const int Vectors = SumTile<TDot, TVector>.Vectors;

    // Spread windows of a unit stay in the second-level cache with the weights of a block.
    private const int SpreadBytes = 3 << 16;
    private const int MostPixels = 16 * Rows;

    private static readonly int Lanes = sizeof(TVector) / sizeof(int);

    private readonly ConvolutionShape _shape;
    private readonly PlaneStrides _beside;
    private readonly SpreadWindows _windows;
    private readonly NativeBuffer _weights;
    private readonly NativeBuffer _starts;
    private readonly int _steps, _distance, _pixels, _pixelsOfUnit;

    /// <summary>Packs the weights.</summary>
    /// <param name="shape">Geometry of the layer.</param>
    /// <param name="beside">That of the tensor beside the output: see <see cref="IPixelPlaces"/>.</param>
    /// <param name="weights">Its weights, without zero points.</param>
    /// <param name="starts">What the sums of each channel begin with.</param>
    /// <param name="resources">What owns the memory.</param>
    public SpreadTiles(
        ConvolutionShape shape, PlaneStrides beside, LayerWeights weights, ReadOnlySpan<int> starts, KernelResources resources)
    {
        (_shape, _beside, _windows) = (shape, beside, SpreadWindows.Of(shape));
        _steps = _windows.Length / TDot.InputsOfStep;
        // A line more: windows whose distance is a multiple of 4096 bytes would drive each other out of the cache.
        _distance = Sizes.RoundUp(4 * _steps, NativeBuffer.Alignment) + NativeBuffer.Alignment;
        _pixels = shape.Images * shape.OutputHeight * shape.OutputWidth;
        var most = Math.Clamp(SpreadBytes / _distance / Rows * Rows, Rows, MostPixels);
        _pixelsOfUnit = Sizes.RoundUp(Sizes.CeilDiv(_pixels, Math.Max(1, Sizes.CeilDiv(_pixels, most))), Rows);
        _weights = resources.Model.Once(weights, (typeof(TDot), _windows), () => Packed(weights,
            resources.Model.Own(new NativeBuffer(Blocks * BytesPerBlock))));
        _starts = resources.Own(new NativeBuffer((long)Blocks * Channels * sizeof(int)));
        starts.CopyTo(_starts.Span<int>());
    }

    /// <summary>Channels of a block.</summary>
    public static int Channels { get; } = Vectors * Lanes;

    /// <summary>Pixels and channels of a tile, for reports.</summary>
    public static string Size { get; } = $"{Rows}x{Channels}";

    public int Units => Sizes.CeilDiv(_pixels, _pixelsOfUnit);

    public int Blocks => Sizes.CeilDiv(_shape.OutputChannels, Channels);

    /// <summary>See <see cref="ConvolutionKernel.FirstPixelOf"/>.</summary>
    public int FirstPixelOf(int unit) => Math.Min(unit * _pixelsOfUnit, _pixels);

    public long WeightBytes => _weights.Length + _starts.Length;

    // The sums of a block, where pixels lie, spread windows, and what the last vector of the last of them writes beyond its end.
    public int ScratchBytes => checked(SumBytes + PlaceBytes + _pixelsOfUnit * _distance + NativeBuffer.Alignment);

    private int SumBytes => _pixelsOfUnit * Channels * sizeof(int);

    private int PlaceBytes => Sizes.RoundUp(2 * _pixelsOfUnit * sizeof(long), NativeBuffer.Alignment);

    public IEnumerable<ConstantReach> Constants =>
    [
        ConstantReach.Of("weights", _weights, Blocks * BytesPerBlock),
        ConstantReach.Of("biases", _starts, (long)Blocks * Channels * sizeof(int)),
    ];

    private long BytesPerBlock => (long)_steps * Vectors * sizeof(TVector);

    /// <summary>Computes a rectangle of the grid; see <see cref="ConvolutionKernel.Run"/>.</summary>
    public void Run<TSource, TEnd>(TSource source, TEnd end, byte* scratch, int unitStart, int unitEnd, int blockStart, int blockEnd)
        where TSource : struct, ISpreadSource where TEnd : struct, ITileEnd
    {
        for (var unit = unitStart; unit < unitEnd; unit++)
        {
            var (first, last) = (FirstPixelOf(unit), FirstPixelOf(unit + 1));
            Spread(source, scratch + SumBytes + PlaceBytes, first, last);
            long* outputs = (long*)(scratch + SumBytes), beside = outputs + _pixelsOfUnit;
            List(_shape.Output, first, last, outputs);
            List(_beside, first, last, beside);
            for (var block = blockStart; block < blockEnd; block++)
                end.Write(Sum(scratch, last - first, block), new(outputs, beside));
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private PixelSums Sum(byte* scratch, int pixels, int block)
    {
        var channel = block * Channels;
        var tiles = new TileOperands
        {
            Inputs = scratch + SumBytes + PlaceBytes,
            InputDistance = _distance,
            Weights = (sbyte*)_weights.Start + block * BytesPerBlock,
            Steps = _steps,
            Start = (int*)_starts.Start + channel,
        };
        SumTile<TDot, TVector>.Run(pixels, tiles, (int*)scratch, Channels);
        return new((int*)scratch, Channels, pixels, channel, Math.Min(Channels, _shape.OutputChannels - channel));
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void List(PlaneStrides plane, int first, int end, long* places)
    {
        var place = new PixelPlace(_shape, first);
        while (first < end)
        {
            var at = place.In(plane);
            var together = place.Skip(end - first);
            first += together;
            for (; together > 0; together--, at += plane.Pixel) *places++ = at;
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void Spread<TSource>(TSource source, byte* to, int first, int end) where TSource : struct, ISpreadSource
    {
        var (windows, distance) = (_windows, _windows.Inputs * 4 / TDot.InputsOfStep);
        long rowStep = (long)_shape.DilationY * _shape.Input.Row, tapStep = (long)_shape.DilationX * _shape.Input.Pixel;
        var strides = _shape.Input with { Pixel = _shape.StrideX * _shape.Input.Pixel, Row = _shape.StrideY * _shape.Input.Row };
        var place = new PixelPlace(_shape, first);
        while (first < end)
        {
            var at = place.In(strides);
            var together = place.Skip(end - first);
            first += together;
            for (var pixel = 0; pixel < together; pixel++, at += strides.Pixel, to += _distance)
            {
                var (row, run) = (at, (nint)to);
                for (var ky = 0; ky < windows.Rows; ky++, row += rowStep)
                {
                    var from = row;
                    for (var kx = 0; kx < windows.RunsOfRow; kx++, from += tapStep, run += distance)
                        source.Spread(from, windows.Inputs, (byte*)run);
                }
            }
        }
    }

    private NativeBuffer Packed(LayerWeights weights, NativeBuffer buffer)
    {
        var (values, length) = (weights.Values, _windows.Length);
        var window = new sbyte[Lanes * length];
        var quadBytes = 4 / TDot.InputsOfStep * Vectors * sizeof(TVector);
        Span<sbyte> quad = stackalloc sbyte[4 * Lanes];
        for (var first = 0; first < Blocks * Channels; first += Lanes)
        {
            for (var lane = 0; lane < Lanes; lane++) CopyWindow(values, first + lane, window.AsSpan(lane * length, length));
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
