using System.Numerics.Tensors;

namespace Caliper.Recovery;

/// <summary>
/// Mean and second moments of the patches that a linear layer multiplies with its weights: sums over some of the patches, one matrix
/// a group. Long patches are cut into blocks of whole channels, and what one block has to do with another is not kept: memory grows
/// with the square of a block.
/// </summary>
internal sealed class LayerMoments
{
    /// <summary>Longest block. Its products take 1.2 MB.</summary>
    public const int LongestBlock = 768;

    /// <summary>Patches that are added at once: their numbers stay in the processor's cache.</summary>
    private const int AtOnce = 256;

    private readonly Group[] _groups;

    public LayerMoments(int groups, int taps, int tapsPerChannel)
    {
        (Groups, Taps) = (groups, taps);
        // Equal blocks; a single channel is never cut, however large its kernel.
        var channels = taps / tapsPerChannel;
        var most = Math.Max(1, LongestBlock / tapsPerChannel);
        var count = (channels + most - 1) / most;
        Blocks = [.. Enumerable.Range(0, count).Select(i => (channels * i / count * tapsPerChannel)..(channels * (i + 1) / count * tapsPerChannel))];
        _groups = [.. Enumerable.Range(0, groups).Select(_ => new Group(taps, Blocks))];
    }

    /// <summary>Number of groups.</summary>
    public int Groups { get; }

    /// <summary>Length of a patch.</summary>
    public int Taps { get; }

    /// <summary>The taps of each block.</summary>
    public Range[] Blocks { get; }

    /// <summary>Adds some patches of an input, but none that holds NaN or an infinity.</summary>
    public void Add(Patches input, ReadOnlySpan<int> indices)
    {
        var atOnce = Math.Min(AtOnce, indices.Length);
        var patches = new float[atOnce * Taps];
        var columns = new float[atOnce * Taps];
        while (indices.Length > 0)
        {
            var some = indices[..Math.Min(atOnce, indices.Length)];
            indices = indices[some.Length..];
            for (var g = 0; g < Groups; g++)
            {
                for (var i = 0; i < some.Length; i++) input.Read(g, some[i], patches.AsSpan(i * Taps, Taps));
                _groups[g].Add(patches.AsSpan(0, some.Length * Taps), columns, atOnce, Blocks);
            }
        }
    }

    /// <summary>Number of patches that a group has seen.</summary>
    public long CountOf(int group) => _groups[group].Count;

    /// <summary>The mean of each tap.</summary>
    public double[] MeanOf(int group)
    {
        var seen = _groups[group];
        return [.. seen.Sums.Select((sum, tap) => seen.Origin[tap] + (seen.Count == 0 ? 0 : sum / seen.Count))];
    }

    /// <summary>The covariances of the taps of a block, symmetric, row after row.</summary>
    /// <param name="group">Of which group.</param>
    /// <param name="block">Index of the block.</param>
    public double[] CovarianceOf(int group, int block)
    {
        var seen = _groups[group];
        var (first, length) = Blocks[block].GetOffsetAndLength(Taps);
        var matrix = new double[length * length];
        if (seen.Count == 0) return matrix;
        var products = seen.Products[block];
        for (var i = 0; i < length; i++)
        {
            for (var j = 0; j <= i; j++)
            {
                var (a, b) = (first + i, first + j);
                var value = products[ProductSums.StartOf(i) + j] / seen.Count - seen.Sums[a] / seen.Count * (seen.Sums[b] / seen.Count);
                matrix[i * length + j] = matrix[j * length + i] = value;
            }
        }
        return matrix;
    }

    /// <summary>Sums of one group. Products are taken of distances from an origin near the mean, so that float32 keeps their digits.</summary>
    private sealed class Group(int taps, Range[] blocks)
    {
        public long Count { get; private set; }

        public float[] Origin { get; } = new float[taps];

        public double[] Sums { get; } = new double[taps];

        public float[][] Products { get; } = [.. blocks.Select(b => new float[ProductSums.SizeOf(b.End.Value - b.Start.Value)])];

        public void Add(ReadOnlySpan<float> patches, float[] columns, int stride, Range[] blocks)
        {
            var rows = Transpose(patches, columns, stride);
            if (rows == 0) return;
            if (Count == 0) for (var t = 0; t < taps; t++) Origin[t] = TensorPrimitives.Sum<float>(columns.AsSpan(t * stride, rows)) / rows;
            for (var t = 0; t < taps; t++)
            {
                var column = columns.AsSpan(t * stride, rows);
                TensorPrimitives.Subtract(column, Origin[t], column);
                Sums[t] += TensorPrimitives.Sum<float>(column);
            }
            for (var b = 0; b < blocks.Length; b++)
            {
                var (first, length) = blocks[b].GetOffsetAndLength(taps);
                var products = Products[b];
                ProductSums.Add(columns.AsSpan(first * stride), stride, rows, products, length);
            }
            Count += rows;
        }

        /// <summary>Writes the taps of the finite patches beside each other, and returns how many those are.</summary>
        private int Transpose(ReadOnlySpan<float> patches, float[] columns, int stride)
        {
            var rows = 0;
            for (var at = 0; at < patches.Length; at += taps)
            {
                var patch = patches.Slice(at, taps);
                if (!TensorPrimitives.IsFiniteAll(patch)) continue;
                for (var t = 0; t < taps; t++) columns[t * stride + rows] = patch[t];
                rows++;
            }
            return rows;
        }
    }
}
