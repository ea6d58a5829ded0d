using System.Buffers;
using System.Numerics.Tensors;
using Caliper.Statistics;

namespace Caliper.Observers;

/// <summary>
/// Moves counts to the bins of a wider range: every bin is cut into sixteen equal parts, and each part goes to the new bin
/// that its middle lies in (PyTorch 2.5 and later). Counts are kept; nothing is lost at the ends.
/// </summary>
internal static class HistogramRescale
{
    private const int PartsPerBin = 16;

    /// <summary>Replaces the counts of one range by those of a range that encloses it.</summary>
    /// <param name="counts">Changed in place; one for each bin.</param>
    /// <param name="from">The range that the counts are of.</param>
    /// <param name="to">The wider range.</param>
    public static void Widen(Span<float> counts, in FiniteRange from, in FiniteRange to)
    {
        if (from.Min == from.Max) MoveSingleValue(counts, from.Min, to);
        else MoveParts(counts, from, to);
    }

    private static void MoveParts(Span<float> counts, in FiniteRange from, in FiniteRange to)
    {
        var bins = counts.Length;
        var parts = bins * PartsPerBin;
        var rented = ArrayPool<float>.Shared.Rent(bins);
        var moved = rented.AsSpan(0, bins);
        moved.Clear();
        var oldEdges = new EqualParts(from.Min, from.Max, parts);
        var newEdges = new EqualParts(to.Min, to.Max, bins);
        for (int part = 0, bin = 0; part < parts; part++)
        {
            var middle = oldEdges[part] + oldEdges.Half;
            // Both sequences ascend, so the bin only ever moves on.
            while (bin < bins - 1 && newEdges[bin + 1] <= middle) bin++;
            moved[bin] += counts[part / PartsPerBin] / PartsPerBin;
        }
        moved.CopyTo(counts);
        ArrayPool<float>.Shared.Return(rented);
    }

    // One value was all there was. PyTorch 2.6 weighs it as the batch that widens the range (pytorch#156414, since mended);
    // it weighs what was counted.
    private static void MoveSingleValue(Span<float> counts, float value, in FiniteRange to)
    {
        var weight = TensorPrimitives.Sum<float>(counts);
        counts.Clear();
        counts[HistogramBinning.Bin(value, to.Min, to.Max, counts.Length)] = weight;
    }

    /// <summary>The edges of equal parts of a range, reckoned from the nearer end in float32 as <c>torch.linspace</c>
    /// does.</summary>
    private readonly struct EqualParts(float min, float max, int parts)
    {
        // A range can exceed the greatest float where its parts do not.
        private readonly float _step = float.IsFinite(max - min) ? (max - min) / parts : max / parts - min / parts;
        private readonly int _halfway = (parts + 1) / 2;

        public float Half => 0.5f * _step;

        public float this[int index] => index < _halfway ? min + _step * index : max - _step * (parts - index);
    }
}
