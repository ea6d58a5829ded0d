namespace Caliper.Observers.OnnxRuntime;

/// <summary>
/// A histogram that grows with the data, as that of ONNX Runtime's calibrators (<c>HistogramCollector</c>), in float32 with NumPy's
/// order of operations. Where theirs would outgrow the limit, the bins become coarser instead.
/// </summary>
internal abstract class OnnxRuntimeHistogram(int bins, int mostBins)
{
    /// <summary>Bins of the first batch.</summary>
    protected int FirstBins { get; } = bins;

    /// <summary>Bins that are never exceeded.</summary>
    protected int MostBins { get; } = Math.Max(mostBins, 4 * bins);

    /// <summary>Values in each bin.</summary>
    public long[] Counts { get; protected set; } = [];

    /// <summary>Where bins begin and end, one more than there are bins.</summary>
    public float[] Edges { get; protected set; } = [];

    /// <summary>Takes in a batch of finite values, at least one.</summary>
    public abstract void Add(ReadOnlySpan<float> values, float min, float max);

    /// <summary>NumPy's <c>linspace</c> in float32.</summary>
    protected static float[] Linspace(float first, float last, int bins)
    {
        var edges = new float[bins + 1];
        var step = (last - first) / bins;
        for (var i = 0; i < bins; i++)
            edges[i] = !float.IsFinite(step) ? (float)(first + ((double)last - first) / bins * i)
                : step == 0 ? (float)i / bins * (last - first) + first
                : i * step + first;
        edges[bins] = last;
        return edges;
    }

    /// <summary>Counts values in bins between edges that ascend in about equal steps; what lies outside is dropped, as
    /// <c>np.histogram</c> does.</summary>
    protected static void Count(ReadOnlySpan<float> values, float[] edges, long[] counts)
    {
        var perUnit = counts.Length / ((double)edges[^1] - edges[0]);
        foreach (var value in values)
        {
            if (value < edges[0] || value > edges[^1]) continue;
            var index = Math.Min((int)((value - (double)edges[0]) * perUnit), counts.Length - 1);
            // The last bin holds its end, the others do not; the estimate may be off where edges were rounded.
            while (index > 0 && value < edges[index]) index--;
            while (index < counts.Length - 1 && value >= edges[index + 1]) index++;
            counts[index]++;
        }
    }

    /// <summary>Goes over to other edges, each bin's values taken to lie in its middle.</summary>
    protected void Coarsen(float first, float last)
    {
        var coarse = Math.Max(2 * FirstBins, MostBins / 8);
        var (edges, counts) = (Linspace(first, last, coarse), new long[coarse]);
        var perUnit = counts.Length / ((double)last - first);
        for (var i = 0; i < Counts.Length; i++)
            counts[Math.Clamp((int)((Edges[i] / 2d + Edges[i + 1] / 2d - first) * perUnit), 0, counts.Length - 1)] += Counts[i];
        (Edges, Counts) = (edges, counts);
    }
}
