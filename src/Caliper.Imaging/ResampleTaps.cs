namespace Caliper.Imaging;

/// <summary>
/// For each output coordinate along one axis, which inputs it is made of and with what weights: Pillow's antialiased
/// triangle ("bilinear") filter, stretched by the scale when shrinking, in Pillow's fixed point of 22 fractional bits.
/// </summary>
internal sealed class ResampleTaps
{
    /// <summary>Bits left beside a sum of 8-bit levels in 32 bits, less two that Pillow keeps for other filters.</summary>
    public const int FractionBits = 32 - 8 - 2;

    private readonly int[] _starts;
    private readonly int[] _counts;
    private readonly int[] _weights;
    private readonly int _stride;

    /// <summary>Computes the weights for a window of the output.</summary>
    /// <param name="inputLength">Length of the whole input.</param>
    /// <param name="outputLength">Length of the whole output, of which the window is a part.</param>
    /// <param name="first">First output coordinate of the window.</param>
    /// <param name="count">Number of output coordinates in the window.</param>
    public ResampleTaps(int inputLength, int outputLength, int first, int count)
    {
        var scale = (double)inputLength / outputLength;
        var support = Math.Max(scale, 1);
        _stride = (int)Math.Ceiling(support) * 2 + 1;
        (_starts, _counts, _weights) = (new int[count], new int[count], new int[checked(count * _stride)]);
        Span<double> weights = _stride <= 256 ? stackalloc double[_stride] : new double[_stride];
        for (var i = 0; i < count; i++)
        {
            var center = (first + i + 0.5) * scale;
            var start = Math.Max((int)(center - support + 0.5), 0);
            var taps = Math.Min((int)(center + support + 0.5), inputLength) - start;
            var sum = 0.0;
            for (var t = 0; t < taps; t++)
            {
                // Pillow multiplies by the reciprocal; dividing would round some weights differently.
                weights[t] = Math.Max(1 - Math.Abs((t + start - center + 0.5) * (1 / support)), 0);
                sum += weights[t];
            }
            for (var t = 0; t < taps; t++) _weights[i * _stride + t] = (int)(0.5 + weights[t] / sum * (1 << FractionBits));
            (_starts[i], _counts[i]) = (start, taps);
        }
    }

    /// <summary>First input that any output of the window reads.</summary>
    public int FirstInput => _starts[0];

    /// <summary>One past the last input that any output of the window reads.</summary>
    public int EndInput => _starts[^1] + _counts[^1];

    /// <summary>First input of an output.</summary>
    public int StartOf(int output) => _starts[output];

    /// <summary>Weights of the inputs of an output, from <see cref="StartOf"/> on; they sum to one, up to rounding.</summary>
    public ReadOnlySpan<int> WeightsOf(int output) => _weights.AsSpan(output * _stride, _counts[output]);
}
