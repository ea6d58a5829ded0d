using Caliper.Graphs;

namespace Caliper.Numerics;

/// <summary>
/// DequantizeLinear of a constant: weights that a file stores in fewer bits, per tensor, per channel or in blocks, as the real numbers they
/// stand for, <c>(x − zero_point) · scale</c>, exactly as the standard says.
/// </summary>
internal static class StoredWeights
{
    /// <summary>Whether the elements or the scales are of a kind that only <see cref="Of"/> reads: not whole bytes or int32, floats, or in
    /// blocks.</summary>
    public static bool IsNarrow(Node node, ElementType type) => type is not (ElementType.Int8 or ElementType.UInt8 or ElementType.Int32)
        || node.Int("block_size", 0) != 0;

    /// <summary>The real numbers, in the type that the node gives.</summary>
    /// <param name="node">A DequantizeLinear.</param>
    /// <param name="constantOf">The constant of a name.</param>
    /// <exception cref="CaliperException">Types, shapes or attributes do not fit each other; the message names the node.</exception>
    public static Tensor Of(Node node, Func<string, Tensor?> constantOf)
    {
        var (x, scale) = (constantOf(node.Inputs[0])!, constantOf(node.Inputs[1])!);
        var zero = node.Input(2).Length == 0 ? null : constantOf(node.Inputs[2])!;
        foreach (var tensor in new[] { x, scale, zero }.OfType<Tensor>().Where(t => !NarrowNumbers.Knows(t.Type)))
            throw Bad(node, $"reads {tensor.Type}");
        if (zero is not null && zero.Shape != scale.Shape && (zero.Count, scale.Count) != (1, 1))
            throw Bad(node, $"has scales of shape {scale.Shape} and zero points of shape {zero.Shape}");
        var indexOf = IndexOfScale(node, x.Shape, scale.Shape);
        var (values, scales, zeros) = (NarrowNumbers.Of(x), NarrowNumbers.Of(scale), zero is null ? null : NarrowNumbers.Of(zero));
        var real = new float[values.Length];
        for (var i = 0; i < real.Length; i++)
        {
            var at = indexOf(i);
            real[i] = (float)(values[i] - (zeros?[at] ?? 0)) * (float)scales[at];
        }
        return InType(node, scale.Type, Tensor.Of(x.Shape, real));
    }

    /// <summary>Which scale an element has.</summary>
    private static Func<int, int> IndexOfScale(Node node, Shape shape, Shape scales)
    {
        if (scales.ElementCount == 1) return _ => 0;
        var axis = (int)node.Int("axis", 1);
        if (axis < 0) axis += shape.Rank;
        if (axis < 0 || axis >= shape.Rank) throw Bad(node, $"has the axis {axis} of {shape.Rank}");
        var block = node.Int("block_size", 0);
        var length = shape[axis].Length;
        var inner = (int)shape.ToArray().Skip(axis + 1).Aggregate(1L, (p, l) => p * l);
        if (block == 0)
        {
            if (scales.Rank != 1 || scales[0].Length != length) throw Bad(node, $"has scales of shape {scales} for an axis of {length}");
            return i => (int)(i / inner % length);
        }
        var blocks = block < 0 ? 0 : (length + block - 1) / block;
        if (block < 0 || scales != shape.With(axis, blocks))
            throw Bad(node, $"has scales of shape {scales} for blocks of {block} along an axis of {length}");
        return i =>
        {
            var (outer, at) = Math.DivRem(i / inner, length);
            return (int)((outer * blocks + at / block) * inner + i % inner);
        };
    }

    private static Tensor InType(Node node, ElementType scaleType, Tensor real)
    {
        var type = (ElementType)node.Int("output_dtype", 0);
        if (type is ElementType.Undefined) type = scaleType is ElementType.Float16 or ElementType.BFloat16 ? scaleType : ElementType.Float32;
        return type switch
        {
            ElementType.Float32 => real,
            ElementType.Float16 => Tensor.Of(real.Shape, Array.ConvertAll(real.Span<float>().ToArray(), x => (Half)x)),
            _ => throw Bad(node, $"gives {type}"),
        };
    }

    private static CaliperException Bad(Node node, string what) =>
        new($"The node '{node.Name}' ({node.OpType}) {what}, which Caliper does not dequantize.");
}
