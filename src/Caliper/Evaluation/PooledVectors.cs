using System.Numerics.Tensors;
using Caliper.Graphs;
using Caliper.Numerics;
using Tensor = Caliper.Graphs.Tensor;

namespace Caliper.Evaluation;

/// <summary>Makes one vector a sample of what a network returns.</summary>
internal static class PooledVectors
{
    /// <summary>The vectors of a batch.</summary>
    /// <param name="inputs">What the network was fed: an input that is called a mask tells which tokens count.</param>
    /// <param name="outputs">What it returned, in the order of its outputs; the first of the axes that the pooling needs is taken.</param>
    /// <param name="pooling">How.</param>
    /// <exception cref="CaliperException">No output has the axes that the pooling needs.</exception>
    public static float[][] Of(IReadOnlyDictionary<string, Tensor> inputs, IEnumerable<Tensor> outputs, Pooling pooling)
    {
        var rank = pooling is Pooling.None ? 2 : 3;
        var all = outputs.ToArray();
        var output = all.FirstOrDefault(o => o.Shape.Rank == rank && FloatCasts.IsFloat(o.Type)) ?? throw new CaliperException(
            $"With the pooling '{pooling.ToString().ToLowerInvariant()}' a network returns floats of shape {(rank == 2 ? "[N, H]" : "[N, L, H]")}; "
                + $"this one returns {string.Join(", ", all.Select(o => o.ToString()))}.");
        var values = FloatCasts.ToSingle(output).Span<float>();
        var (samples, width) = ((int)output.Shape[0].Length, (int)output.Shape[-1].Length);
        var tokens = rank == 2 ? 1 : (int)output.Shape[1].Length;
        var mask = pooling is Pooling.Mean ? MaskOf(inputs, samples, tokens) : null;
        var vectors = new float[samples][];
        for (var sample = 0; sample < samples; sample++)
        {
            var rows = values.Slice(sample * tokens * width, tokens * width);
            vectors[sample] = pooling is Pooling.Mean ? MeanOf(rows, width, mask.AsSpan(sample * tokens)) : rows[..width].ToArray();
        }
        return vectors;
    }

    /// <summary>Which tokens count; all where there is no mask of this shape.</summary>
    private static bool[] MaskOf(IReadOnlyDictionary<string, Tensor> inputs, int samples, int tokens)
    {
        var mask = inputs.Where(i => i.Key.Contains("mask", StringComparison.OrdinalIgnoreCase)).Select(i => i.Value)
            .FirstOrDefault(m => m.Shape == Shape.Of(samples, tokens));
        var counts = new bool[samples * tokens];
        if (mask is null) Array.Fill(counts, true);
        var size = mask is null ? 0 : mask.Bytes.Length / Math.Max(1, counts.Length);
        // Zero is zero in every type.
        for (var i = 0; mask is not null && i < counts.Length; i++) counts[i] = mask.Bytes.Span.Slice(i * size, size).ContainsAnyExcept((byte)0);
        return counts;
    }

    /// <summary>In the order of the tokens, so that a vector does not depend on who computes it; zeros where no token counts.</summary>
    private static float[] MeanOf(ReadOnlySpan<float> rows, int width, ReadOnlySpan<bool> mask)
    {
        var (sum, count) = (new float[width], 0);
        for (var token = 0; token * width < rows.Length; token++)
        {
            if (!mask[token]) continue;
            TensorPrimitives.Add(sum, rows.Slice(token * width, width), sum);
            count++;
        }
        if (count > 0) TensorPrimitives.Divide(sum, (float)count, sum);
        return sum;
    }
}
