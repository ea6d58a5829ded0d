using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Operators that arrange the same elements differently.</summary>
internal static class LayoutRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(Reshape, "Reshape"),
        .. RuleTable.For(Flatten, "Flatten"),
        .. RuleTable.For(Transpose, "Transpose"),
        .. RuleTable.For(Concat, "Concat"),
        .. RuleTable.For(Split, "Split"),
        .. RuleTable.For(Squeeze, "Squeeze"),
        .. RuleTable.For(Unsqueeze, "Unsqueeze"),
        .. RuleTable.For(Expand, "Expand"),
        .. RuleTable.For(Tile, "Tile"),
        .. RuleTable.For(n => Blocks(n, isToSpace: true), "DepthToSpace"),
        .. RuleTable.For(n => Blocks(n, isToSpace: false), "SpaceToDepth"),
    ];

    private static void Reshape(NodeInference node)
    {
        var x = node.Shape(0);
        if (node.Ints(1) is not { } target)
        {
            node.Set(0, node.Type(0), node.Shape(1) is { Rank: 1 } && ConstantRules.ShapeFrom(node, 1) is { } free ? free : null);
            return;
        }
        var copiesZero = node.Node.Int("allowzero", 0) == 0;
        var result = new Dimension[target.Elements.Length];
        var rest = -1;
        for (var i = 0; i < result.Length; i++)
        {
            var element = target.Elements[i];
            if (element.Number == -1 && rest >= 0) throw node.Bad("has two free axes in its new shape");
            if (element.Number < -1) throw node.Bad($"has {element.Number} in its new shape");
            if (element.Number == -1) rest = i;
            else if (element.Number == 0 && copiesZero)
            {
                if (i >= x?.Rank) throw node.Bad($"keeps axis {i} of an input of shape {x}");
                result[i] = x?[i] ?? Dimension.Unknown;
            }
            else result[i] = element.ToDimension();
        }
        if (x is { } known) Balance(node, known, result, rest);
        SetRearranged(node, new Shape([.. result]));
    }

    /// <summary>There are as many elements after as before: that gives the free axis, or shows a contradiction.</summary>
    private static void Balance(NodeInference node, Shape x, Dimension[] result, int rest)
    {
        if (rest >= 0)
        {
            var others = result.Where((_, i) => i != rest).ToArray();
            result[rest] = DimensionArithmetic.Quotient(x.Dimensions, others);
            if (result[rest].IsKnown || !x.IsStatic || others.Any(d => !d.IsKnown || d.Length == 0)) return;
            throw node.Bad($"cannot arrange {x} as {string.Join('×', result)}");
        }
        var after = new Shape([.. result]);
        if (x.IsStatic && after.IsStatic && x.ElementCount != after.ElementCount)
            throw node.Bad($"cannot arrange {x} as {after}");
    }

    /// <summary>The output has the input's elements, in the same order, under a new shape.</summary>
    private static void SetRearranged(NodeInference node, Shape shape)
    {
        if (node.Ints(0) is { } ints && shape.IsStatic) node.SetInts(0, node.Type(0), ints with { Shape = shape });
        else node.Set(0, node.Type(0), shape);
    }

    private static void Flatten(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x) return;
        var said = node.Node.Int("axis", 1);
        var axis = said == x.Rank ? x.Rank : node.Axis(said, x.Rank);
        node.Set(0, node.Type(0), new Shape(
            [DimensionArithmetic.Product(x.Dimensions.Take(axis)), DimensionArithmetic.Product(x.Dimensions.Skip(axis))]));
    }

    private static void Transpose(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x) return;
        var order = NodeAxes.Order(node.Node, x.Rank);
        if (node.Ints(0) is { } ints) node.SetInts(0, node.Type(0), ints.Transpose(order));
        else node.Set(0, node.Type(0), new Shape([.. order.Select(axis => x[axis])]));
    }

    private static void Concat(NodeInference node)
    {
        var inputs = Enumerable.Range(0, node.Node.Inputs.Length).ToArray();
        node.Set(0, node.Type(0), null);
        var known = inputs.Select(node.Shape).OfType<Shape>().ToArray();
        if (known.Length == 0) return;
        var axis = NodeAxes.Of(node.Node, known[0].Rank, 0);
        var result = Joined(node, known, axis).Dimensions.ToArray();
        if (known.Length < inputs.Length) result[axis] = Dimension.Unknown;
        var ints = inputs.Select(node.Ints).OfType<Ints>().ToArray();
        if (ints.Length == inputs.Length && Ints.AreFew(ints.Sum(i => i.Elements.Length)))
            node.SetInts(0, node.Type(0), Ints.Concat(axis, ints));
        else
            node.Set(0, node.Type(0), new Shape([.. result]));
    }

    /// <summary>The shape of tensors one after the other: they are alike on all other axes.</summary>
    public static Shape Joined(NodeInference node, IReadOnlyList<Shape> parts, int axis)
    {
        if (parts.Any(s => s.Rank != parts[0].Rank)) throw node.Bad($"joins shapes of different ranks: {string.Join(", ", parts)}");
        var result = parts[0].Dimensions.ToArray();
        foreach (var shape in parts.Skip(1))
        {
            for (var i = 0; i < result.Length; i++)
            {
                result[i] = i == axis
                    ? Sum(result[i], shape[i])
                    : DimensionArithmetic.Same(result[i], shape[i]) ?? throw node.Bad($"joins {parts[0]} and {shape} along axis {axis}");
            }
        }
        return new Shape([.. result]);
    }

    private static Dimension Sum(Dimension left, Dimension right) =>
        left.IsKnown && right.IsKnown ? checked(left.Length + right.Length) : Dimension.Unknown;

    private static void Split(NodeInference node)
    {
        var outputs = node.Node.Outputs.Length;
        for (var i = 0; i < outputs; i++) node.Set(i, node.Type(0), null);
        if (node.Shape(0) is not { } x) return;
        var axis = NodeAxes.Of(node.Node, x.Rank, 0);
        var said = node.IntsOf("split", 1);
        var isKnown = said is not null || (!node.Has(1) && x[axis].IsKnown);
        // Where only the parts are known, they say how long the axis is.
        var lengths = isKnown ? Parts.Of(node.Node, x[axis].IsKnown ? x[axis].Length : said!.Value.Sum(), said) : default;
        for (var i = 0; i < outputs; i++) node.Set(i, node.Type(0), x.With(axis, isKnown ? lengths[i] : Dimension.Unknown));
    }

    private static void Squeeze(NodeInference node)
    {
        var axes = node.IntsOf("axes", 1);
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x || (axes is null && (node.Has(1) || !x.IsStatic))) return;
        var removed = axes is { } named ? NodeAxes.Each(node.Node, named, x.Rank)
            : [.. Enumerable.Range(0, x.Rank).Where(i => x[i].Length == 1)];
        if (removed.FirstOrDefault(i => x[i].IsKnown && x[i].Length != 1, -1) is >= 0 and var wrong)
            throw node.Bad($"removes axis {wrong} of {x}, which is not 1");
        SetRearranged(node, new Shape([.. x.Dimensions.Where((_, i) => !removed.Contains(i))]));
    }

    private static void Unsqueeze(NodeInference node)
    {
        var axes = node.IntsOf("axes", 1);
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x || axes is not { } said) return;
        var rank = x.Rank + said.Length;
        var added = NodeAxes.Each(node.Node, said, rank);
        var rest = new Queue<Dimension>(x.Dimensions);
        SetRearranged(node, new Shape([.. Enumerable.Range(0, rank).Select(i => added.Contains(i) ? 1 : rest.Dequeue())]));
    }

    private static void Expand(NodeInference node)
    {
        var shape = node.Shape(0) is { } x && ConstantRules.ShapeFrom(node, 1) is { } target
            ? DimensionArithmetic.Broadcast(x, target) ?? throw node.Bad($"cannot expand {x} to {target}")
            : (Shape?)null;
        node.Set(0, node.Type(0), shape);
    }

    private static void Tile(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x) return;
        if (node.Ints(1) is { } repeats && repeats.Elements.Length != x.Rank)
            throw node.Bad($"repeats {repeats.Elements.Length} axes of {x}");
        node.Set(0, node.Type(0), new Shape([.. x.Dimensions.Select((d, i) =>
            DimensionArithmetic.Product([d, node.Ints(1)?.Elements[i].ToDimension() ?? Dimension.Unknown]))]));
    }

    /// <summary>Blocks of pixels become channels, or the other way round.</summary>
    private static void Blocks(NodeInference node, bool isToSpace)
    {
        node.Set(0, node.Type(0), null);
        var size = node.Node.Int("blocksize", 0);
        if (size < 1) throw node.Bad($"has block size {size}");
        if (node.Shape(0) is not { Rank: 4 } x) return;
        Dimension Scale(Dimension d, long factor) => d.IsKnown ? checked(d.Length * factor) : Dimension.Unknown;
        Dimension Shrink(Dimension d, long factor) => !d.IsKnown ? Dimension.Unknown
            : d.Length % factor == 0 ? d.Length / factor
            : throw node.Bad($"divides an axis of {d} by {factor}");
        node.Set(0, node.Type(0), isToSpace
            ? new Shape([x[0], Shrink(x[1], checked(size * size)), Scale(x[2], size), Scale(x[3], size)])
            : new Shape([x[0], Scale(x[1], checked(size * size)), Shrink(x[2], size), Shrink(x[3], size)]));
    }
}
