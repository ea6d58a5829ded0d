namespace Caliper.Kernels.Convolution;

/// <summary>The constant weights of a layer, in the order of <see cref="ConvolutionLayer"/>, and what is worked out from all of them: once, for
/// however many sizes of the input the layer is planned.</summary>
/// <param name="values">Signed weights, those of an output channel side by side. Unsigned ones arrive here less 128, and so do their zero
/// points.</param>
/// <param name="zeroPoints">Of each output channel.</param>
/// <param name="read">Reads the weights again: once they are packed, mostly nobody asks for them any more, and they need not stay. Null for
/// weights that are nowhere else.</param>
internal sealed class LayerWeights(sbyte[] values, int[] zeroPoints, Func<sbyte[]>? read = null)
{
    private readonly Func<sbyte[]> _read = read ?? KeepingThem(values);
    private readonly WeakReference<sbyte[]> _values = new(values);
    private readonly Dictionary<(int First, int Count), LayerWeights> _slices = [];
    private int[]? _sums;
    private long _largest = -1;

    /// <summary>The weights. Whoever reads them in every run keeps them.</summary>
    public sbyte[] Values
    {
        get
        {
            if (!_values.TryGetTarget(out var values)) _values.SetTarget(values = _read());
            return values;
        }
    }

    /// <summary>Zero point of each output channel.</summary>
    public int[] ZeroPoints => zeroPoints;

    /// <summary>How many weights.</summary>
    public int Length { get; } = values.Length;

    /// <summary>Whether any zero point is not 0: fast kernels take none.</summary>
    public bool HasZeroPoints { get; } = zeroPoints.Any(z => z != 0);

    /// <summary>Sum of weight less zero point, of each output channel, modulo 2³².</summary>
    public int[] Sums
    {
        get
        {
            if (_sums is null) Sum();
            return _sums!;
        }
    }

    /// <summary>The greatest sum of absolute differences of weight and zero point of an output channel.</summary>
    public long LargestSum
    {
        get
        {
            if (_sums is null) Sum();
            return _largest;
        }
    }

    /// <summary>Those of some output channels.</summary>
    public LayerWeights Slice(int first, int count)
    {
        if (first == 0 && count == zeroPoints.Length) return this;
        if (_slices.TryGetValue((first, count), out var known)) return known;
        var per = Length / zeroPoints.Length;
        return _slices[(first, count)] = new(Part(), zeroPoints[first..(first + count)], Part);

        sbyte[] Part() => Values.AsSpan(first * per, count * per).ToArray();
    }

    private static Func<sbyte[]> KeepingThem(sbyte[] values) => () => values;

    private void Sum()
    {
        var sums = new int[zeroPoints.Length];
        var (values, largest, per) = (Values, 0L, zeroPoints.Length == 0 ? 0 : Length / zeroPoints.Length);
        for (var channel = 0; channel < sums.Length; channel++)
        {
            var (sum, absolute) = WeightSums.Of(values.AsSpan(channel * per, per), zeroPoints[channel]);
            sums[channel] = unchecked((int)sum);
            largest = Math.Max(largest, absolute);
        }
        (_largest, _sums) = (largest, sums);
    }
}
