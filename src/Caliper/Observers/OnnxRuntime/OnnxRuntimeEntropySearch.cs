namespace Caliper.Observers.OnnxRuntime;

/// <summary>ONNX Runtime's <c>get_entropy_threshold</c>, rounding to float32 and to integers where that one does.</summary>
internal sealed class OnnxRuntimeEntropySearch
{
    private const double Epsilon = 1e-4;

    private readonly long[] _counts, _before, _reference, _quantized;
    private readonly float[] _p, _q;
    private readonly int _levels;

    private OnnxRuntimeEntropySearch(long[] counts, int levels)
    {
        (_counts, _before, _levels) = (counts, new long[counts.Length + 1], levels);
        for (var i = 0; i < counts.Length; i++) _before[i + 1] = _before[i] + counts[i];
        (_reference, _quantized) = (new long[counts.Length], new long[counts.Length]);
        (_p, _q) = (new float[counts.Length], new float[counts.Length]);
    }

    /// <summary>The window about the middle with the least divergence: its first bin and the one after its last.</summary>
    /// <param name="counts">Values in equal bins.</param>
    /// <param name="quantizedBins">The bins that those of a window are merged into.</param>
    public static (int First, int End) BestWindow(long[] counts, int quantizedBins)
    {
        var search = new OnnxRuntimeEntropySearch(counts, quantizedBins);
        var (zero, least) = (counts.Length / 2, float.NaN);
        (int First, int End) best = (0, counts.Length);
        for (var half = quantizedBins / 2; half <= zero; half++)
        {
            var (first, end) = (zero - half, Math.Min(zero + half + 1, counts.Length));
            var divergence = search.Divergence(first, end);
            if (!(divergence >= least)) (least, best) = (divergence, (first, end));
        }
        return best;
    }

    private float Divergence(int first, int end)
    {
        var window = _counts.AsSpan(first, end - first);
        var reference = _reference.AsSpan(0, window.Length);
        var quantized = _quantized.AsSpan(0, window.Length);
        window.CopyTo(reference);
        reference[0] += _before[first];
        reference[^1] += _before[^1] - _before[end];
        Quantize(first, reference, quantized);
        return Smooth(reference, _p) && Smooth(quantized, _q) ? Entropy(window.Length) : float.PositiveInfinity;
    }

    /// <summary>Merges bins, and spreads what they hold over those that hold something, cut to whole counts.</summary>
    private void Quantize(int first, ReadOnlySpan<long> reference, Span<long> quantized)
    {
        quantized.Clear();
        var merged = quantized.Length / _levels;
        for (var level = 0; level < _levels; level++)
        {
            var start = level * merged;
            // What is left over at the end adds to the last level, but gets nothing back.
            var stop = level == _levels - 1 ? quantized.Length : start + merged;
            var sum = _before[first + stop] - _before[first + start];
            var filled = merged - reference.Slice(start, merged).Count(0);
            if (filled != 0) quantized.Slice(start, merged).Fill((long)((double)sum / filled));
        }
    }

    /// <summary>Takes a little off the counts above zero and gives it to the zeros; false where all are zero.</summary>
    private static bool Smooth(ReadOnlySpan<long> counts, Span<float> smooth)
    {
        var zeros = counts.Count(0);
        if (zeros == counts.Length) return false;
        var (given, taken) = ((float)Epsilon, (float)(-Epsilon * zeros / (counts.Length - zeros)));
        for (var i = 0; i < counts.Length; i++) smooth[i] = counts[i] + (counts[i] == 0 ? given : taken);
        return true;
    }

    private float Entropy(int length)
    {
        var (pSum, qSum, sum) = (0d, 0d, 0d);
        for (var i = 0; i < length; i++) (pSum, qSum) = (pSum + _p[i], qSum + _q[i]);
        for (var i = 0; i < length; i++)
        {
            double x = _p[i] / (float)pSum, y = _q[i] / (float)qSum;
            sum += (float)(x * Math.Log(x / y));
        }
        return (float)sum;
    }
}
