using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;

namespace Glyphs.Layers;

/// <summary>A convolution of 3×3 with padding 1 that keeps channels apart: each has a kernel of its own.</summary>
internal sealed unsafe class DepthwiseConvolution : Convolution
{
    private readonly int _channels, _stride;
    private readonly Workers _workers;
    private float[][]? _chunkGradients;

    /// <summary>Creates the layer; the number of channels is a multiple of 8.</summary>
    public DepthwiseConvolution(int channels, int stride, Workers workers)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(channels % Vector256<float>.Count, 0);
        (_channels, _stride, _workers) = (channels, stride, workers);
        Weight = new Parameter(9 * channels, decays: true);
    }

    /// <inheritdoc/>
    public override Parameter Weight { get; }

    /// <inheritdoc/>
    public override int OutputChannels => _channels;

    /// <inheritdoc/>
    public override long[] TorchShape => [_channels, 1, 3, 3];

    /// <inheritdoc/>
    public override Activation Forward(Activation input, bool training)
    {
        Input = input;
        var (height, width) = ((input.Height - 1) / _stride + 1, (input.Width - 1) / _stride + 1);
        Output = Activation.Reuse(Output, input.Images, height, width, _channels);
        _workers.ForEachChunk(input.Images, (_, first, count) =>
        {
            fixed (float* x = Input.Values, y = Output.Values, w = Weight.Values)
                for (var image = first; image < first + count; image++)
                    ForwardImage(x + image * Input.ImageSize, y + image * Output.ImageSize, w);
        });
        return Output;
    }

    /// <inheritdoc/>
    public override void Backward()
    {
        var chunks = Workers.ChunksOf(Input.Images);
        var partial = ChunkGradients(ref _chunkGradients, chunks);
        _workers.ForEachChunk(Input.Images, (chunk, first, count) =>
        {
            Array.Clear(Input.Gradient, first * Input.ImageSize, count * Input.ImageSize);
            fixed (float* x = Input.Values, dx = Input.Gradient, dy = Output.Gradient, w = Weight.Values, dw = partial[chunk])
                for (var image = first; image < first + count; image++)
                    BackwardImage(x + image * Input.ImageSize, dx + image * Input.ImageSize,
                        dy + image * Output.ImageSize, w, dw);
        });
        SumGradients(partial, chunks);
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void ForwardImage(float* x, float* y, float* w)
    {
        for (var row = 0; row < Output.Height; row++)
        {
            for (var column = 0; column < Output.Width; column++, y += _channels)
            {
                for (var c = 0; c < _channels; c += Vector256<float>.Count)
                {
                    var sum = Vector256<float>.Zero;
                    for (var tap = 0; tap < 9; tap++)
                    {
                        var (inRow, inColumn) = (row * _stride + tap / 3 - 1, column * _stride + tap % 3 - 1);
                        if ((uint)inRow >= (uint)Input.Height || (uint)inColumn >= (uint)Input.Width) continue;
                        sum = Vector256.FusedMultiplyAdd(
                            Vector256.Load(x + (inRow * Input.Width + inColumn) * _channels + c),
                            Vector256.Load(w + tap * _channels + c), sum);
                    }
                    sum.Store(y + c);
                }
            }
        }
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void BackwardImage(float* x, float* dx, float* dy, float* w, float* dw)
    {
        for (var row = 0; row < Output.Height; row++)
        {
            for (var column = 0; column < Output.Width; column++, dy += _channels)
            {
                for (var tap = 0; tap < 9; tap++)
                {
                    var (inRow, inColumn) = (row * _stride + tap / 3 - 1, column * _stride + tap % 3 - 1);
                    if ((uint)inRow >= (uint)Input.Height || (uint)inColumn >= (uint)Input.Width) continue;
                    var at = (inRow * Input.Width + inColumn) * _channels;
                    BackwardPixel(x + at, dx + at, dy, w + tap * _channels, dw + tap * _channels);
                }
            }
        }
    }

    private void BackwardPixel(float* x, float* dx, float* dy, float* w, float* dw)
    {
        for (var c = 0; c < _channels; c += Vector256<float>.Count)
        {
            var gradient = Vector256.Load(dy + c);
            Vector256.FusedMultiplyAdd(gradient, Vector256.Load(w + c), Vector256.Load(dx + c)).Store(dx + c);
            Vector256.FusedMultiplyAdd(gradient, Vector256.Load(x + c), Vector256.Load(dw + c)).Store(dw + c);
        }
    }
}
