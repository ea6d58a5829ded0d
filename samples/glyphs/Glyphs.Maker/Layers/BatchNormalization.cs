using System.Runtime.Intrinsics;

namespace Glyphs.Layers;

/// <summary>
/// Batch normalization (Ioffe and Szegedy 2015) and, where asked for, the ReLU6 after it:
/// <c>y = min(max(s·(γ·x̂ + β), 0), 6)</c>. The channel scale <c>s</c> is fixed and belongs to this sample: PyTorch has no such
/// thing, so a checkpoint holds <c>s·γ</c> as weight and <c>s·β</c> as bias (README.md says what it is for).
/// </summary>
internal sealed unsafe class BatchNormalization : Layer
{
    /// <summary>PyTorch's default.</summary>
    public const float Epsilon = 1e-5f;

    private readonly int _channels;
    private readonly bool _relu6;
    private readonly float _momentum = 0.1f;
    private readonly Workers _workers;
    private readonly float[] _mean, _inverseDeviation, _slope, _offset;
    private float[][] _sums = [], _otherSums = [];

    /// <summary>Creates the layer; the number of channels is a multiple of 8.</summary>
    public BatchNormalization(int channels, bool relu6, Workers workers)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(channels % Vector256<float>.Count, 0);
        (_channels, _relu6, _workers) = (channels, relu6, workers);
        (_mean, _inverseDeviation) = (new float[channels], new float[channels]);
        (_slope, _offset) = (new float[channels], new float[channels]);
        (RunningMean, RunningVariance, Scale) = (new float[channels], new float[channels], new float[channels]);
        (Gamma, Beta) = (new Parameter(channels, decays: false), new Parameter(channels, decays: false));
        Array.Fill(Gamma.Values, 1);
        Array.Fill(RunningVariance, 1);
        Array.Fill(Scale, 1);
    }

    /// <summary>γ, one for each channel.</summary>
    public Parameter Gamma { get; }

    /// <summary>β, one for each channel.</summary>
    public Parameter Beta { get; }

    /// <summary>The fixed channel scale s.</summary>
    public float[] Scale { get; }

    /// <summary>Mean that evaluation uses.</summary>
    public float[] RunningMean { get; }

    /// <summary>Variance that evaluation uses.</summary>
    public float[] RunningVariance { get; }

    /// <summary>Number of batches that the running statistics have seen.</summary>
    public long BatchesTracked { get; private set; }

    /// <inheritdoc/>
    public override IEnumerable<Parameter> Parameters => [Gamma, Beta];

    /// <inheritdoc/>
    public override Activation Forward(Activation input, bool training)
    {
        Input = input;
        Output = Activation.Reuse(Output, input.Images, input.Height, input.Width, _channels);
        if (training) MeasureBatch();
        for (var c = 0; c < _channels; c++)
        {
            var mean = training ? _mean[c] : RunningMean[c];
            var inverse = training ? _inverseDeviation[c] : 1 / MathF.Sqrt(RunningVariance[c] + Epsilon);
            _slope[c] = Scale[c] * Gamma.Values[c] * inverse;
            _offset[c] = Scale[c] * Beta.Values[c] - mean * _slope[c];
        }
        _workers.ForEachChunk(input.Images, (_, first, count) => Normalize(first, count));
        return Output;
    }

    /// <inheritdoc/>
    public override void Backward()
    {
        var chunks = Workers.ChunksOf(Input.Images);
        PrepareSums(chunks);
        _workers.ForEachChunk(Input.Images, SumGradients);
        double count = Input.Images * Input.Pixels;
        var (meanGradient, meanProduct) = (new float[_channels], new float[_channels]);
        for (var c = 0; c < _channels; c++)
        {
            var gradient = SumOver(_sums, chunks, c);
            // The products were made with x − mean; a division by the deviation makes them those with x̂.
            var product = SumOver(_otherSums, chunks, c) * _inverseDeviation[c];
            Beta.Gradient[c] = (float)(gradient * Scale[c]);
            Gamma.Gradient[c] = (float)(product * Scale[c]);
            (meanGradient[c], meanProduct[c]) = ((float)(gradient / count), (float)(product / count * _inverseDeviation[c]));
        }
        _workers.ForEachChunk(Input.Images, (_, first, images) => InputGradient(first, images, meanGradient, meanProduct));
    }

    private void MeasureBatch()
    {
        BatchesTracked++;
        var chunks = Workers.ChunksOf(Input.Images);
        PrepareSums(chunks);
        double count = Input.Images * Input.Pixels;
        _workers.ForEachChunk(Input.Images, SumValues);
        for (var c = 0; c < _channels; c++) _mean[c] = (float)(SumOver(_sums, chunks, c) / count);
        _workers.ForEachChunk(Input.Images, SumSquares);
        for (var c = 0; c < _channels; c++)
        {
            var variance = SumOver(_otherSums, chunks, c) / count;
            _inverseDeviation[c] = (float)(1 / Math.Sqrt(variance + Epsilon));
            RunningMean[c] += _momentum * (_mean[c] - RunningMean[c]);
            // As PyTorch does, the running variance is the unbiased one.
            RunningVariance[c] += _momentum * ((float)(variance * count / (count - 1)) - RunningVariance[c]);
        }
    }

    private static double SumOver(float[][] sums, int chunks, int channel)
    {
        double sum = 0;
        for (var chunk = 0; chunk < chunks; chunk++) sum += sums[chunk][channel];
        return sum;
    }

    private void PrepareSums(int chunks)
    {
        if (_sums.Length < chunks)
        {
            _sums = [.. Enumerable.Range(0, chunks).Select(_ => new float[_channels])];
            _otherSums = [.. Enumerable.Range(0, chunks).Select(_ => new float[_channels])];
        }
        foreach (var sums in _sums) Array.Clear(sums);
        foreach (var sums in _otherSums) Array.Clear(sums);
    }

    private void SumValues(int chunk, int first, int count)
    {
        fixed (float* x = &Input.Values[first * Input.ImageSize], sum = _sums[chunk])
            for (var p = 0; p < count * Input.Pixels; p++)
                for (var c = 0; c < _channels; c += 8)
                    (Vector256.Load(sum + c) + Vector256.Load(x + p * _channels + c)).Store(sum + c);
    }

    private void SumSquares(int chunk, int first, int count)
    {
        fixed (float* x = &Input.Values[first * Input.ImageSize], sum = _otherSums[chunk], mean = _mean)
            for (var p = 0; p < count * Input.Pixels; p++)
                for (var c = 0; c < _channels; c += 8)
                {
                    var deviation = Vector256.Load(x + p * _channels + c) - Vector256.Load(mean + c);
                    Vector256.FusedMultiplyAdd(deviation, deviation, Vector256.Load(sum + c)).Store(sum + c);
                }
    }

    private void Normalize(int first, int count)
    {
        var (zero, six) = (Vector256<float>.Zero, Vector256.Create(6f));
        fixed (float* x = &Input.Values[first * Input.ImageSize], y = &Output.Values[first * Input.ImageSize])
        fixed (float* slope = _slope, offset = _offset)
            for (var p = 0; p < count * Input.Pixels; p++)
                for (var c = 0; c < _channels; c += 8)
                {
                    var z = Vector256.FusedMultiplyAdd(
                        Vector256.Load(x + p * _channels + c), Vector256.Load(slope + c), Vector256.Load(offset + c));
                    (_relu6 ? Vector256.Min(Vector256.Max(z, zero), six) : z).Store(y + p * _channels + c);
                }
    }

    /// <summary>Per channel: the sum of gradients that pass the ReLU6, and that of their products with x − mean.</summary>
    private void SumGradients(int chunk, int first, int count)
    {
        fixed (float* x = &Input.Values[first * Input.ImageSize], mean = _mean, sum = _sums[chunk], product = _otherSums[chunk])
            for (var p = 0; p < count * Input.Pixels; p++)
                for (var c = 0; c < _channels; c += 8)
                {
                    var gradient = Passed(first * Input.ImageSize + p * _channels + c);
                    var deviation = Vector256.Load(x + p * _channels + c) - Vector256.Load(mean + c);
                    (Vector256.Load(sum + c) + gradient).Store(sum + c);
                    Vector256.FusedMultiplyAdd(gradient, deviation, Vector256.Load(product + c)).Store(product + c);
                }
    }

    private void InputGradient(int first, int count, float[] meanGradient, float[] meanProduct)
    {
        fixed (float* x = &Input.Values[first * Input.ImageSize], dx = &Input.Gradient[first * Input.ImageSize])
        fixed (float* slope = _slope, mean = _mean, ofGradient = meanGradient, ofProduct = meanProduct)
            for (var p = 0; p < count * Input.Pixels; p++)
                for (var c = 0; c < _channels; c += 8)
                {
                    var deviation = Vector256.Load(x + p * _channels + c) - Vector256.Load(mean + c);
                    var gradient = Passed(first * Input.ImageSize + p * _channels + c) - Vector256.Load(ofGradient + c);
                    var centred = gradient - deviation * Vector256.Load(ofProduct + c);
                    (centred * Vector256.Load(slope + c)).Store(dx + p * _channels + c);
                }
    }

    /// <summary>The gradient that comes through the ReLU6: all of it between 0 and 6, nothing outside.</summary>
    private Vector256<float> Passed(int at)
    {
        var gradient = Vector256.LoadUnsafe(ref Output.Gradient[at]);
        if (!_relu6) return gradient;
        var y = Vector256.LoadUnsafe(ref Output.Values[at]);
        var open = Vector256.GreaterThan(y, Vector256<float>.Zero) & Vector256.LessThan(y, Vector256.Create(6f));
        return gradient & open;
    }
}
