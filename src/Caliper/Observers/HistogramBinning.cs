using System.Buffers;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Caliper.Observers;

/// <summary>
/// Counts values in equal bins as <c>torch.histc</c> does: the bin of x is <c>(int)((x − min) · bins / (max − min))</c> in
/// float32, the greatest value in the last bin, and values that are not finite in none.
/// </summary>
internal static class HistogramBinning
{
    // Equal values, such as the zeros of a ReLU, would make each increment wait for the one before; four tables do not.
    private const int Tables = 4;

    /// <summary>Counts the values into <paramref name="counts"/>, which is overwritten.</summary>
    /// <param name="values">The values.</param>
    /// <param name="min">At most the least finite value.</param>
    /// <param name="max">At least the greatest finite value.</param>
    /// <param name="counts">One a bin.</param>
    /// <param name="allFinite">Whether no value is NaN or infinite, which the caller knows from looking for the range.</param>
    public static void Count(ReadOnlySpan<float> values, float min, float max, Span<float> counts, bool allFinite)
    {
        // histc gives a single value a range of its own, one to each side.
        if (min == max) (min, max) = ((float)((double)min - 1), (float)((double)max + 1));
        if (!allFinite || !float.IsFinite((max - min) * counts.Length))
        {
            Reference(values, min, max, counts);
            return;
        }

        var rented = ArrayPool<int>.Shared.Rent(counts.Length * Tables);
        var table = rented.AsSpan(0, counts.Length * Tables);
        table.Clear();
        CountVectors(values, min, max, counts.Length, table);
        for (var i = values.Length / Vector<float>.Count * Vector<float>.Count; i < values.Length; i++)
            table[Bin(values[i], min, max, counts.Length) * Tables]++;
        for (var bin = 0; bin < counts.Length; bin++)
        {
            var four = table.Slice(bin * Tables, Tables);
            counts[bin] = four[0] + four[1] + four[2] + four[3];
        }
        ArrayPool<int>.Shared.Return(rented);
    }

    /// <summary>One value at a time: what <see cref="Count"/> must equal.</summary>
    public static void Reference(ReadOnlySpan<float> values, float min, float max, Span<float> counts)
    {
        counts.Clear();
        foreach (var value in values) if (float.IsFinite(value)) counts[Bin(value, min, max, counts.Length)]++;
    }

    /// <summary>The bin of one value. Where the float32 product would overflow, PyTorch's is lost; in double it is not.</summary>
    public static int Bin(float value, float min, float max, int bins) => float.IsFinite((max - min) * bins)
        ? Math.Clamp((int)((value - min) * bins / (max - min)), 0, bins - 1)
        : Math.Clamp((int)(((double)value - min) * bins / ((double)max - min)), 0, bins - 1);

    /// <summary>
    /// Each lane finds the bin of one value, and the lanes take turns at the four tables, which lie interleaved. An index is
    /// clamped while it is an integer, so none can leave its table. The caller handles the tail.
    /// </summary>
    private static void CountVectors(ReadOnlySpan<float> values, float min, float max, int bins, Span<int> table)
    {
        var (vMin, vBins, vSpan) = (new Vector<float>(min), new Vector<float>(bins), new Vector<float>(max - min));
        var last = new Vector<int>(bins - 1);
        var turn = Vector<int>.Indices & new Vector<int>(Tables - 1);
        ref var slot = ref MemoryMarshal.GetReference(table);
        foreach (var x in MemoryMarshal.Cast<float, Vector<float>>(values))
        {
            var bin = Vector.ConvertToInt32Native((x - vMin) * vBins / vSpan);
            bin = Vector.Max(Vector.Min(bin, last), Vector<int>.Zero);
            bin = bin * Tables + turn;
            for (var lane = 0; lane < Vector<int>.Count; lane++) Unsafe.Add(ref slot, bin[lane])++;
        }
    }
}
