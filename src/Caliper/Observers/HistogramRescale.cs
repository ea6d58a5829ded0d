namespace Caliper.Observers;

/// <summary>
/// Moves counts to the bins of a wider range: every bin is cut into sixteen equal parts, and each part goes to the new bin
/// that its middle lies in (PyTorch 2.5 and later). Counts are kept; nothing is lost at the ends.
/// </summary>
internal static class HistogramRescale
{
    private const int PartsPerBin = 16;

    /// <summary>Replaces <paramref name="counts"/> of one range by those of a range that encloses it.</summary>
    public static void Widen(
        Span<float> counts, float oldMin, float oldMax, float newMin, float newMax, ReadOnlySpan<float> batchCounts)
    {
        if (oldMin == oldMax) MoveSingleValue(counts, oldMin, newMin, newMax, batchCounts);
        else MoveParts(counts, oldMin, oldMax, newMin, newMax);
    }

    private static void MoveParts(Span<float> counts, float oldMin, float oldMax, float newMin, float newMax)
    {
        var bins = counts.Length;
        var parts = bins * PartsPerBin;
        var moved = new float[bins];
        var halfPart = 0.5f * ((oldMax - oldMin) / parts);
        for (int part = 0, bin = 0; part < parts; part++)
        {
            var middle = Edge(oldMin, oldMax, part, parts) + halfPart;
            // Both sequences ascend, so the bin only ever moves on.
            while (bin < bins - 1 && Edge(newMin, newMax, bin + 1, bins) <= middle) bin++;
            moved[bin] += counts[part / PartsPerBin] / PartsPerBin;
        }
        moved.CopyTo(counts);
    }

    // One value was all there was. PyTorch 2.6 gives it the weight of the batch that widens the range instead of its own.
    private static void MoveSingleValue(
        Span<float> counts, float value, float newMin, float newMax, ReadOnlySpan<float> batchCounts)
    {
        var weight = 0f;
        foreach (var count in batchCounts) weight += count;
        counts.Clear();
        counts[HistogramBinning.Bin(value, newMin, newMax, counts.Length)] = weight;
    }

    /// <summary>An edge of equal parts of a range, reckoned from the nearer end as <c>torch.linspace</c> does.</summary>
    private static float Edge(float min, float max, int index, int parts)
    {
        var step = (max - min) / parts;
        return index < (parts + 1) / 2 ? min + step * index : max - step * (parts - index);
    }
}
