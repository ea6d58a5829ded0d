using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Caliper.Statistics;

/// <summary>
/// Counts the values of one tensor by the upper 16 bits of their floats. Four tables take turns, because equal neighbours
/// (the zeros of a ReLU above all) would wait for each other's increment in one. A tally belongs to a thread and is empty
/// between tensors.
/// </summary>
internal sealed class HistogramTally
{
    private const int Tables = 4;

    // Equal prefixes of two tables must not lie a multiple of 4 KiB apart, or loads would be held up by unrelated stores.
    private const int Stride = HistogramBin.Prefixes + 272;

    private readonly uint[] _counts = new uint[Tables * Stride];

    /// <summary>Counts values, all finite and at most 2³² of them before they are taken out.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void Count(ReadOnlySpan<float> values)
    {
        var bits = MemoryMarshal.Cast<float, uint>(values);
        // Through references, because the tables are longer than the 65536 counters that an index of 16 bits can reach.
        ref var table0 = ref MemoryMarshal.GetArrayDataReference(_counts);
        ref var table1 = ref _counts[Stride];
        ref var table2 = ref _counts[2 * Stride];
        ref var table3 = ref _counts[3 * Stride];
        var i = 0;
        for (; i <= bits.Length - Tables; i += Tables)
        {
            Unsafe.Add(ref table0, bits[i] >> 16)++;
            Unsafe.Add(ref table1, bits[i + 1] >> 16)++;
            Unsafe.Add(ref table2, bits[i + 2] >> 16)++;
            Unsafe.Add(ref table3, bits[i + 3] >> 16)++;
        }
        for (; i < bits.Length; i++) Unsafe.Add(ref table0, bits[i] >> 16)++;
    }

    /// <summary>Counts the finite values among some.</summary>
    public void CountFinite(ReadOnlySpan<float> values)
    {
        foreach (var value in values) if (float.IsFinite(value)) _counts[HistogramBin.PrefixOf(value)]++;
    }

    /// <summary>The count of one prefix, which becomes zero.</summary>
    public long Take(int prefix)
    {
        long sum = 0;
        for (var t = 0; t < Tables; t++)
        {
            sum += _counts[t * Stride + prefix];
            _counts[t * Stride + prefix] = 0;
        }
        return sum;
    }

    /// <summary>The part of a range of prefixes, ends included, between the first and the last that hold something.</summary>
    public (int First, int Last) Trim(int first, int last)
    {
        while (first <= last && IsEmpty(first)) first++;
        while (first <= last && IsEmpty(last)) last--;
        return (first, last);
    }

    /// <summary>Adds the counts from a prefix on to others and sets them back to zero. Sixteen bins at a time, of which most
    /// are empty in a small tensor.</summary>
    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    public void MoveTo(Span<long> counts, int prefix)
    {
        var i = 0;
        for (; i <= counts.Length - Vector512<uint>.Count; i += Vector512<uint>.Count)
        {
            var sums = Vector512<uint>.Zero;
            for (var t = 0; t < Tables; t++) sums += Vector512.LoadUnsafe(ref _counts[t * Stride + prefix + i]);
            if (sums == Vector512<uint>.Zero) continue;
            for (var t = 0; t < Tables; t++) Vector512<uint>.Zero.StoreUnsafe(ref _counts[t * Stride + prefix + i]);
            var (low, high) = Vector512.Widen(sums);
            var first = counts.Slice(i, Vector512<long>.Count);
            var second = counts.Slice(i + Vector512<long>.Count, Vector512<long>.Count);
            (Vector512.Create<long>(first) + low.AsInt64()).CopyTo(first);
            (Vector512.Create<long>(second) + high.AsInt64()).CopyTo(second);
        }
        for (; i < counts.Length; i++) counts[i] += Take(prefix + i);
    }

    private bool IsEmpty(int prefix)
    {
        for (var t = 0; t < Tables; t++) if (_counts[t * Stride + prefix] != 0) return false;
        return true;
    }
}
