namespace Glyphs.Layers;

/// <summary>
/// The first convolution, 3×3 with stride 2 and padding 1, as a matrix product of unfolded pixels (im2col). Nothing comes
/// before it, so its input gets no gradient.
/// </summary>
internal sealed unsafe class StemConvolution(int inputChannels, int outputChannels, Workers workers) : Convolution
{
    private const int Stride = 2;
    private readonly int _fanIn = 9 * inputChannels;
    private float[] _columns = [];
    private float[][]? _chunkGradients;

    /// <inheritdoc/>
    /// <remarks>Fan-in runs over input channel, kernel row, kernel column, as in PyTorch.</remarks>
    public override Parameter Weight { get; } = new(9 * inputChannels * outputChannels, decays: true);

    /// <inheritdoc/>
    public override int OutputChannels => outputChannels;

    /// <inheritdoc/>
    public override long[] TorchShape => [outputChannels, inputChannels, 3, 3];

    /// <inheritdoc/>
    public override Activation Forward(Activation input, bool training)
    {
        Input = input;
        Output = Activation.Reuse(Output, input.Images, (input.Height + 1) / Stride, (input.Width + 1) / Stride, outputChannels);
        if (_columns.Length != input.Images * Output.Pixels * _fanIn) _columns = new float[input.Images * Output.Pixels * _fanIn];
        workers.ForEachChunk(input.Images, (_, first, count) =>
        {
            for (var image = first; image < first + count; image++) Unfold(image);
            Array.Clear(Output.Values, first * Output.ImageSize, count * Output.ImageSize);
            fixed (float* x = &_columns[first * Output.Pixels * _fanIn], y = &Output.Values[first * Output.ImageSize])
            fixed (float* w = Weight.Values)
                MatrixProduct.Accumulate(x, _fanIn, 1, w, outputChannels, y, outputChannels,
                    count * Output.Pixels, outputChannels, _fanIn);
        });
        return Output;
    }

    /// <inheritdoc/>
    public override void Backward()
    {
        var chunks = Workers.ChunksOf(Input.Images);
        var partial = ChunkGradients(ref _chunkGradients, chunks);
        workers.ForEachChunk(Input.Images, (chunk, first, count) =>
        {
            fixed (float* x = &_columns[first * Output.Pixels * _fanIn], dy = &Output.Gradient[first * Output.ImageSize])
            fixed (float* dw = partial[chunk])
                MatrixProduct.Accumulate(x, 1, _fanIn, dy, outputChannels, dw, outputChannels,
                    _fanIn, outputChannels, count * Output.Pixels);
        });
        SumGradients(partial, chunks);
    }

    private void Unfold(int image)
    {
        var at = image * Output.Pixels * _fanIn;
        for (var y = 0; y < Output.Height; y++)
            for (var x = 0; x < Output.Width; x++)
                for (var channel = 0; channel < inputChannels; channel++)
                    for (var tap = 0; tap < 9; tap++)
                        _columns[at++] = Pixel(image, y * Stride + tap / 3 - 1, x * Stride + tap % 3 - 1, channel);
    }

    private float Pixel(int image, int y, int x, int channel) =>
        (uint)y < (uint)Input.Height && (uint)x < (uint)Input.Width
            ? Input.Values[image * Input.ImageSize + (y * Input.Width + x) * inputChannels + channel]
            : 0;
}
