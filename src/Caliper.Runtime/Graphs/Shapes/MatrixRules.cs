using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Products of matrices.</summary>
internal static class MatrixRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(n => n.Set(0, n.Type(0), Product(n, 0, 1)), "MatMul"),
        .. RuleTable.For(n => n.Set(0, ElementType.Int32, Product(n, 0, 1)), "MatMulInteger"),
        .. RuleTable.For(n => n.Set(0, n.Type(7), Product(n, 0, 3)), "QLinearMatMul"),
        .. RuleTable.For(n => n.Set(0, n.Type(0), Gemm(n, 0, 1)), "Gemm"),
    ];

    /// <summary>NumPy's matmul: the last two axes are matrices, those before broadcast, a vector is a row or a column.</summary>
    public static Shape? Product(NodeInference node, int left, int right)
    {
        if (node.Shape(left) is not { } a || node.Shape(right) is not { } b) return null;
        if (a.Rank == 0 || b.Rank == 0) throw node.Bad("multiplies a scalar");
        var (rows, columns) = (a.Rank == 1 ? [] : a.Dimensions[^2..^1], b.Rank == 1 ? [] : b.Dimensions[^1..]);
        Check(node, a, a[-1], b, b.Rank == 1 ? b[0] : b[-2]);
        var batch = DimensionArithmetic.Broadcast(Batch(a), Batch(b))
            ?? throw node.Bad($"cannot multiply {a} by {b}");
        return new Shape([.. batch.Dimensions, .. rows, .. columns]);
    }

    private static Shape Batch(Shape shape) => new(shape.Dimensions[..Math.Max(0, shape.Rank - 2)]);

    /// <summary>A·B + C, with A and B perhaps transposed.</summary>
    public static Shape? Gemm(NodeInference node, int left, int right)
    {
        if (node.Shape(right) is not { } b) return null;
        if (right == 1 && b.Rank == 2 && node.Shape(2) is { Rank: > 0 } added)
        {
            var outputs = b[GemmForm.Of(node.Node).TransposesB ? 0 : 1];
            if (added[-1] != Dimension.Of(1) && DimensionArithmetic.Same(added[-1], outputs) is null)
                throw node.Bad($"has {added} numbers in '{node.Node.Input(2)}' where it needs {outputs} in a row");
        }
        if (node.Shape(left) is not { } a) return null;
        if (a.Rank != 2 || b.Rank != 2) throw node.Bad($"multiplies {a} by {b}, but takes matrices");
        var (transposeA, transposeB, _, _) = GemmForm.Of(node.Node);
        Check(node, a, a[transposeA ? 0 : 1], b, b[transposeB ? 1 : 0]);
        var product = new Shape([a[transposeA ? 1 : 0], b[transposeB ? 0 : 1]]);
        // What is added is repeated to the product, never the other way round.
        if (right == 1 && node.Shape(2) is { } c && (c.Rank > 2 || DimensionArithmetic.Broadcast(product, c) is not { } sum
            || product.Dimensions.Zip(sum.Dimensions).Any(p => p.First.IsKnown && p.Second.IsKnown && p.First != p.Second)))
            throw node.Bad($"has {c} numbers in '{node.Node.Input(2)}' where it needs {product}");
        return product;
    }

    private static void Check(NodeInference node, Shape a, Dimension inner, Shape b, Dimension otherInner)
    {
        if (DimensionArithmetic.Same(inner, otherInner) is null)
            throw node.Bad($"multiplies {a} by {b}: {inner} columns meet {otherInner} rows");
    }
}
