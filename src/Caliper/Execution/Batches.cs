using Caliper.Graphs;

namespace Caliper.Execution;

/// <summary>Takes batches apart and puts them together along the first axis.</summary>
internal static class Batches
{
    public static Tensor Slice(Tensor tensor, int start, int count)
    {
        var bytesPerSample = tensor.Bytes.Length / Math.Max(1, (int)tensor.Shape[0].Length);
        return new Tensor(tensor.Type, tensor.Shape.With(0, count),
            tensor.Bytes.Slice(start * bytesPerSample, count * bytesPerSample));
    }

    /// <summary>An input that was fed.</summary>
    public static Tensor Fed(IReadOnlyDictionary<string, Tensor> inputs, string name) =>
        inputs.GetValueOrDefault(name) ?? throw MissingInput.Error(name, inputs);

    /// <summary>An output that was made.</summary>
    public static Tensor Made(IReadOnlyDictionary<string, Tensor> outputs, string name) => outputs.TryGetValue(name, out var tensor) ? tensor
        : throw new CaliperException($"The model has no output '{name}'; it returns {string.Join(", ", outputs.Keys.Select(k => $"'{k}'"))}.");

    /// <summary>Some samples of a batch, whose tensor has as many rows for each.</summary>
    public static Tensor Samples(Tensor tensor, int all, int start, int count)
    {
        var rows = (int)tensor.Shape[0].Length / all;
        return Slice(tensor, start * rows, count * rows);
    }

    /// <summary>How many samples of a batch a network runs together, because the first axes of its inputs say so; 0 where it takes any
    /// number.</summary>
    /// <exception cref="CaliperException">The batch is no multiple of that.</exception>
    public static int PieceSize(IEnumerable<Value> inputs, IReadOnlyDictionary<string, Tensor> fed, int count) =>
        PiecesOf(inputs, fed) is not { } pieces ? 0 : count % pieces == 0 ? count / pieces : throw Differing(fed);

    /// <summary>In how many pieces a batch is fed: as many as the inputs whose first axis is fixed agree on; null where none is.</summary>
    public static int? PiecesOf(IEnumerable<Value> inputs, IReadOnlyDictionary<string, Tensor> fed)
    {
        int? pieces = null;
        foreach (var input in inputs)
        {
            // A network's only input may be fed without its name.
            if ((fed.GetValueOrDefault(input.Name) ?? fed.GetValueOrDefault("")) is not { Shape.Rank: > 0 } tensor) continue;
            if (input.Shape is not { } shape || (shape.Rank > 0 && !shape[0].IsKnown)) continue;
            var needed = PiecesOf((int)tensor.Shape[0].Length, shape.Rank == 0 ? 1 : (int)shape[0].Length);
            if (pieces is { } before && before != needed) throw Differing(fed);
            pieces = needed;
        }
        return pieces;
    }

    /// <summary>What to say where inputs do not have the same number of samples.</summary>
    public static CaliperException Differing(IReadOnlyDictionary<string, Tensor> fed) => new("The inputs have batches of different sizes: "
        + string.Join(", ", fed.OrderBy(f => f.Key, StringComparer.Ordinal).Select(f => $"'{f.Key}' {f.Value}")) + ".");

    // A network of no samples at all is as fixed as any other.
    private static int PiecesOf(int count, int size) => count == size ? 1 : count > 0 && size > 0 && count % size == 0 ? count / size
        : throw new CaliperException($"The model takes batches of exactly {size}; a batch of {count} is no multiple of it.");

    /// <summary>A copy in managed memory.</summary>
    public static Tensor Copy(Tensor tensor) => new(tensor.Type, tensor.Shape, tensor.Bytes.ToArray());

    /// <summary>What a network gave for one piece of a batch after the other, along the first axis; where pieces are of different lengths along
    /// another axis alone, as the places are that NonZero finds, along that.</summary>
    public static Tensor Join(string name, List<Tensor> pieces)
    {
        if (pieces.Count == 1) return pieces[0];
        var first = pieces[0];
        if (first.Shape.Rank == 0 || pieces.Any(p => p.Shape.Rank != first.Shape.Rank || p.Type != first.Type)) throw Unjoinable(name);
        int[] differing = [.. Enumerable.Range(1, first.Shape.Rank - 1).Where(axis => pieces.Any(p => p.Shape[axis] != first.Shape[axis]))];
        var along = differing is [var only] && pieces.All(p => p.Shape[0] == first.Shape[0]) ? only : 0;
        if (along == 0 && differing.Length > 0) throw Unjoinable(name);
        var rows = first.Shape.Dimensions.Take(along).Aggregate(1L, (all, d) => all * d.Length);
        var bytes = new byte[pieces.Sum(p => p.Bytes.Length)];
        var at = 0;
        for (var row = 0; row < rows; row++)
        {
            foreach (var piece in pieces)
            {
                var length = (int)(piece.Bytes.Length / rows);
                piece.Bytes.Slice(row * length, length).CopyTo(bytes.AsMemory(at));
                at += length;
            }
        }
        return new Tensor(first.Type, first.Shape.With(along, pieces.Sum(p => p.Shape[along].Length)), bytes);
    }

    private static CaliperException Unjoinable(string name) =>
        new($"The output '{name}' has no batch axis, so that a batch cannot be fed in pieces.");
}
