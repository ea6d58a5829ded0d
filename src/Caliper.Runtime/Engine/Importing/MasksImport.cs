using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>OneHot and Trilu: what a comparison or a constant mask chooses.</summary>
internal static class MasksImport
{
    /// <summary>One of two values wherever an index is, or is not, that of the place. An index outside is nowhere.</summary>
    public static bool OneHot(GraphImporter graph, Node node)
    {
        var parts = new Lowering(graph, node);
        var y = graph.ShapeOf(node.Output);
        var axis = NodeAxes.Of(node, y.Length, -1);
        var indices = graph.Find(node.Inputs[0])?.Type switch
        {
            ElementType.Int64 => node.Inputs[0],
            ElementType.Int32 or ElementType.Float32 => parts.Of(parts.Part("Cast", node.Inputs[0]).With("to", (long)ElementType.Int64)),
            _ => throw GraphImporter.Unsupported(node, "its indices are no numbers of 32 or 64 bits"),
        };
        if (!graph.ShapeOf(node.Inputs[2]).SequenceEqual([2])) throw NodeFault.Of(node, "does not have two values");
        var (off, on) = (Value(0), Value(1));
        var wide = parts.Of("Unsqueeze", indices, parts.Numbers(axis));
        parts.TableOf(y[axis]);
        var either = parts.Of("Or", parts.Of("Equal", wide, Places(0)), parts.Of("Equal", wide, Places(-y[axis])));
        return parts.End(parts.Part("Where", either, on, off));

        string Value(long index) => parts.Of("Gather", node.Inputs[2], parts.Constant(Tensor.Scalar(index)));

        string Places(long first) => parts.Constant(Tensor.Of(Shape.Of([y[axis], .. Enumerable.Repeat(1L, y.Length - 1 - axis)]),
            [.. Enumerable.Range(0, y[axis]).Select(i => first + i)]));
    }

    /// <summary>The elements on one side of a diagonal, zeros on the other.</summary>
    public static bool Trilu(GraphImporter graph, Node node)
    {
        var parts = new Lowering(graph, node);
        var x = graph.ShapeOf(node.Inputs[0]);
        if (x.Length < 2) throw NodeFault.Of(node, $"has an input of {x.Length} axes, which is no matrix");
        var (rows, columns) = (x[^2], x[^1]);
        var k = SliceReading.Numbers(graph, node, null, 1) is { } said ? said is [var one] ? one : throw NodeFault.Of(node, "has several k") : 0;
        // Further away no diagonal meets the matrix.
        k = Math.Clamp(k, -rows, columns);
        var isUpper = node.Int("upper", 1) != 0;
        if (parts.Number(graph.Find(node.Inputs[0])?.Type ?? ElementType.Undefined, 0) is not { } zero) return false;
        var mask = new bool[Sizes.Product([rows, columns])];
        for (var i = 0; i < mask.Length; i++) mask[i] = isUpper ? i % columns - i / columns >= k : i % columns - i / columns <= k;
        return parts.End(parts.Part("Where", parts.Constant(Tensor.Of(Shape.Of(rows, columns), mask)), node.Inputs[0], zero));
    }
}
