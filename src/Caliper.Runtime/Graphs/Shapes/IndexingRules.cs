using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Operators that pick elements, or add some.</summary>
internal static class IndexingRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(Slice, "Slice"),
        .. RuleTable.For(Pad, "Pad"),
        .. RuleTable.For(Gather, "Gather"),
        .. RuleTable.For(n => n.Set(0, n.Type(0), n.Shape(1)), "GatherElements"),
        .. RuleTable.For(GatherNd, "GatherND"),
        .. RuleTable.For(TopK, "TopK"),
        .. RuleTable.For(OneHot, "OneHot"),
        .. RuleTable.For(NonZero, "NonZero"),
        .. RuleTable.For(n => n.Set(0, ElementType.Int64, new Shape([Dimension.Unknown, 3])), "NonMaxSuppression"),
    ];

    private static void Slice(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x) return;
        var (starts, ends) = (node.IntsOf("starts", 1), node.IntsOf("ends", 2));
        var (axes, steps) = (node.IntsOf("axes", 3), node.Has(4) ? node.Ints(4)?.Numbers : null);
        if (node.Has(3) && axes is null)
        {
            node.Set(0, node.Type(0), new Shape([.. x.Dimensions.Select(_ => Dimension.Unknown)]));
            return;
        }
        if (axes is null && starts is null && ends is null) return;
        var cut = Cut.Axes(node.Node, x.Rank, axes, starts, ends, steps);
        var isKnown = starts is not null && ends is not null && (!node.Has(4) || steps is not null);
        var (result, ints) = (x, isKnown ? node.Ints(0) : null);
        for (var i = 0; i < cut.Length; i++)
        {
            var axis = cut[i];
            if (isKnown) (result, ints) = Take(node, result, ints, axis, starts!.Value[i], ends!.Value[i], steps?[i] ?? 1);
            else result = result.With(axis, Dimension.Unknown);
        }
        if (ints is not null) node.SetInts(0, node.Type(0), ints);
        else node.Set(0, node.Type(0), result);
    }

    /// <summary>Cuts along one axis.</summary>
    private static (Shape Shape, Ints? Ints) Take(
        NodeInference node, Shape shape, Ints? ints, int axis, long start, long end, long step)
    {
        var length = shape[axis];
        if (!length.IsKnown)
            return (shape.With(axis, start == 0 && end >= int.MaxValue && step == 1 ? length : Dimension.Unknown), null);
        var cut = Cut.Of(node.Node, length.Length, start, end, step);
        var taken = ints?.Take(axis, [.. Enumerable.Range(0, (int)cut.Count).Select(i => (int)(cut.Start + i * cut.Step))]);
        return (shape.With(axis, cut.Count), taken);
    }

    private static void Pad(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x) return;
        var unknown = new Shape([.. x.Dimensions.Select(_ => Dimension.Unknown)]);
        var axes = node.Has(3) ? node.Ints(3)?.Numbers : [.. Enumerable.Range(0, x.Rank).Select(i => (long)i)];
        if (axes is not { } padded || node.IntsOf("pads", 1) is not { } pads)
        {
            node.Set(0, node.Type(0), unknown);
            return;
        }
        var padding = Padding.Of(node.Node, x.Rank, pads, padded);
        var result = x;
        for (var axis = 0; axis < x.Rank; axis++)
        {
            var added = padding.Before[axis] + padding.After[axis];
            if (x[axis].IsKnown && checked(x[axis].Length + added) < 0)
                throw node.Bad($"crops {-added} from an axis of {x[axis]}");
            if (added != 0) result = result.With(axis, x[axis].IsKnown ? x[axis].Length + added : Dimension.Unknown);
        }
        node.Set(0, node.Type(0), result);
    }

    private static void Gather(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x || node.Shape(1) is not { } indices) return;
        var axis = node.Axis(node.Node.Int("axis", 0), x.Rank);
        var shape = new Shape([.. x.Dimensions.Take(axis), .. indices.Dimensions, .. x.Dimensions.Skip(axis + 1)]);
        node.Set(0, node.Type(0), shape);
        if (node.Ints(0) is not { } data || node.Ints(1)?.Numbers is not { } positions) return;
        if (!shape.IsStatic || !Ints.AreFew(shape.ElementCount)) return;
        var length = (int)data.Shape[axis].Length;
        node.SetInts(0, node.Type(0), data.Take(axis, [.. positions.Select(p => node.Axis(p, length))]) with { Shape = shape });
    }

    private static void GatherNd(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        var batches = node.Node.Int("batch_dims", 0);
        if (node.Shape(0) is not { } x || node.Shape(1) is not { Rank: > 0 } indices || !indices[-1].IsKnown) return;
        var used = batches + indices[-1].Length;
        if (batches < 0 || used > x.Rank) throw node.Bad($"looks up {used} axes of {x}");
        node.Set(0, node.Type(0), new Shape([.. indices.Dimensions.Take(indices.Rank - 1), .. x.Dimensions.Skip((int)used)]));
    }

    private static void TopK(NodeInference node)
    {
        var counts = node.Has(1) ? node.Ints(1)?.Numbers : node.Node.Attributes.ContainsKey("k") ? [node.Node.Int("k", 0)] : null;
        Shape? shape = null;
        if (node.Shape(0) is { } x)
            shape = x.With(node.Axis(node.Node.Int("axis", -1), x.Rank), counts is [>= 0 and var k] ? k : Dimension.Unknown);
        node.Set(0, node.Type(0), shape);
        node.Set(1, ElementType.Int64, shape);
    }

    private static void OneHot(NodeInference node)
    {
        node.Set(0, node.Type(2), null);
        if (node.Shape(0) is not { } indices) return;
        var axis = node.Axis(node.Node.Int("axis", -1), indices.Rank + 1);
        // The depth may be a real number.
        var said = node.Constant(1) is { Type: ElementType.Float32, Count: 1 } real ? (long)real.Span<float>()[0]
            : node.Ints(1)?.Numbers is [var whole] ? whole : (long?)null;
        if (said < 0) throw node.Bad($"has {said} places");
        Dimension depth = said ?? Dimension.Unknown;
        node.Set(0, node.Type(2), new Shape(indices.Dimensions.Insert(axis, depth)));
    }

    private static void NonZero(NodeInference node) => node.Set(
        0, ElementType.Int64, node.Shape(0) is { } x ? new Shape([Math.Max(1, x.Rank), Dimension.Unknown]) : null);
}
