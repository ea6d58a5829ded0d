namespace Glyphs.Layers;

/// <summary>A convolution of 1×1: each pixel's channels times a matrix. Also the classifier, on 1×1 pixels.</summary>
internal sealed unsafe class PointwiseConvolution(int inputChannels, int outputChannels, Workers workers) : Convolution
{
    private float[][]? _chunkGradients;
    private readonly float[] _transposed = new float[inputChannels * outputChannels];

    /// <inheritdoc/>
    public override Parameter Weight { get; } = new(inputChannels * outputChannels, decays: true);

    /// <inheritdoc/>
    public override int OutputChannels => outputChannels;

    /// <inheritdoc/>
    public override long[] TorchShape => [outputChannels, inputChannels, 1, 1];

    /// <inheritdoc/>
    public override Activation Forward(Activation input, bool training)
    {
        Input = input;
        Output = Activation.Reuse(Output, input.Images, input.Height, input.Width, outputChannels);
        workers.ForEachChunk(input.Images, (_, first, count) =>
        {
            Array.Clear(Output.Values, first * Output.ImageSize, count * Output.ImageSize);
            fixed (float* x = &Input.Values[first * Input.ImageSize], y = &Output.Values[first * Output.ImageSize])
            fixed (float* w = Weight.Values)
                MatrixProduct.Accumulate(x, inputChannels, 1, w, outputChannels, y, outputChannels,
                    count * Input.Pixels, outputChannels, inputChannels);
        });
        return Output;
    }

    /// <inheritdoc/>
    public override void Backward()
    {
        for (var i = 0; i < inputChannels; i++)
            for (var o = 0; o < outputChannels; o++)
                _transposed[o * inputChannels + i] = Weight.Values[i * outputChannels + o];
        var partial = ChunkGradients(ref _chunkGradients, Workers.ChunksOf(Input.Images));
        workers.ForEachChunk(Input.Images, (chunk, first, count) => BackwardChunk(partial[chunk], first, count));
        SumGradients(partial, Workers.ChunksOf(Input.Images));
    }

    private void BackwardChunk(float[] partial, int first, int count)
    {
        const int blockPixels = 128; // both sides of a block stay in the second-level cache while the matrix is gone over
        Array.Clear(Input.Gradient, first * Input.ImageSize, count * Input.ImageSize);
        fixed (float* x = &Input.Values[first * Input.ImageSize], dx = &Input.Gradient[first * Input.ImageSize])
        fixed (float* dy = &Output.Gradient[first * Output.ImageSize], dw = partial, wt = _transposed)
        {
            var pixels = count * Input.Pixels;
            for (var p = 0; p < pixels; p += blockPixels)
            {
                var block = Math.Min(blockPixels, pixels - p);
                MatrixProduct.Accumulate(dy + p * outputChannels, outputChannels, 1, wt, inputChannels,
                    dx + p * inputChannels, inputChannels, block, inputChannels, outputChannels);
                MatrixProduct.Accumulate(x + p * inputChannels, 1, inputChannels, dy + p * outputChannels, outputChannels,
                    dw, outputChannels, inputChannels, outputChannels, block);
            }
        }
    }
}
