namespace Caliper.Observers;

/// <summary>
/// Counts values in equal bins as <c>torch.histc</c> does: the bin of x is <c>(int)((x − min) · bins / (max − min))</c> in
/// float32, the greatest value in the last bin, and values that are not finite in none.
/// </summary>
internal sealed class HistogramBinning(int bins)
{
    private readonly float[] _counts = new float[bins];

    /// <summary>Counts of the values that are finite; <paramref name="min"/> and <paramref name="max"/> enclose them all. The
    /// array is used again by the next call.</summary>
    public ReadOnlySpan<float> Count(ReadOnlySpan<float> values, float min, float max)
    {
        _counts.AsSpan().Clear();
        // histc gives a single value a range of its own, one to each side.
        if (min == max) (min, max) = ((float)((double)min - 1), (float)((double)max + 1));
        foreach (var value in values) if (float.IsFinite(value)) _counts[Bin(value, min, max, bins)]++;
        return _counts;
    }

    /// <summary>The bin of one value.</summary>
    public static int Bin(float value, float min, float max, int bins) =>
        Math.Clamp((int)((value - min) * bins / (max - min)), 0, bins - 1);
}
