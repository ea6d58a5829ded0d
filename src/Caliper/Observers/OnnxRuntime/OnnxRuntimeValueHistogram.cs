namespace Caliper.Observers.OnnxRuntime;

/// <summary>Bins from minus to plus the greatest magnitude; a greater one adds bins at both ends. ONNX Runtime's
/// <c>collect_value</c> and <c>merge_histogram</c>.</summary>
internal sealed class OnnxRuntimeValueHistogram(int bins, int mostBins) : OnnxRuntimeHistogram(bins, mostBins)
{
    private float _threshold;

    public override void Add(ReadOnlySpan<float> values, float min, float max)
    {
        var threshold = MathF.Max(MathF.Abs(min), MathF.Abs(max));
        if (Counts.Length == 0) Begin(threshold, FirstBins);
        else if (threshold > _threshold) Widen(threshold);
        Count(values, Edges, Counts);
    }

    private void Begin(float threshold, int bins)
    {
        // Where all is zero, NumPy takes half a unit to each side; the threshold stays 0.
        (_threshold, var end) = (threshold, threshold > 0 ? threshold : 0.5f);
        (Counts, Edges) = (new long[bins], Linspace(-end, end, bins));
    }

    private void Widen(float threshold)
    {
        var old = Counts;
        if (_threshold == 0)
        {
            Begin(threshold, old.Length);
            old.CopyTo(Counts, 0);
            return;
        }
        var stride = 2 * _threshold / old.Length;
        var added = FloorDivide(threshold - _threshold, stride) + 1;
        if (!(old.Length + 2 * added <= MostBins))
        {
            Coarsen(-threshold, threshold);
            _threshold = threshold;
            return;
        }
        var half = (int)added;
        Begin(half * stride + _threshold, old.Length + 2 * half);
        old.CopyTo(Counts, half);
    }

    /// <summary>NumPy's <c>//</c> of floats above zero.</summary>
    private static float FloorDivide(float a, float b)
    {
        var quotient = (a - a % b) / b;
        var floor = MathF.Floor(quotient);
        return quotient - floor > 0.5f ? floor + 1 : floor;
    }
}
