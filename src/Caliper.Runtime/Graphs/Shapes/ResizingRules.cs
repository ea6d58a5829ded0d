using System.Collections.Immutable;

using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Operators that resample to another size.</summary>
internal static class ResizingRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(n => Resize(n, Scales(n, n.Node.Inputs.Length > 2 ? 2 : 1), n.Has(3) ? n.Ints(3) : null), "Resize"),
        .. RuleTable.For(n => Resize(n, n.Has(1) ? Scales(n, 1) : ScalesAttribute(n), null), "Upsample"),
    ];

    private static void Resize(NodeInference node, ImmutableArray<float>? scales, Ints? sizes)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(0) is not { } x) return;
        var unknown = new Shape([.. x.Dimensions.Select(_ => Dimension.Unknown)]);
        node.Set(0, node.Type(0), unknown);
        var axes = node.Node.Ints("axes") is { } named ? NodeAxes.Each(node.Node, named, x.Rank) : [.. Enumerable.Range(0, x.Rank)];
        if (sizes is not null && scales is not null) throw node.Bad("has both scales and sizes");
        var given = sizes?.Elements.Length ?? scales?.Length ?? 0;
        if (given == 0) return;
        if (given != axes.Length) throw node.Bad($"has {given} scales or sizes for {axes.Length} axes");
        float? ratio = null;
        if (sizes is not null && node.Node.Text("keep_aspect_ratio_policy", "stretch") != "stretch")
        {
            // One size depends on all.
            if (axes.Any(a => x[a] is not { IsKnown: true, Length: > 0 }) || sizes.Elements.Any(e => !e.ToDimension().IsKnown)) return;
            ratio = ResizeRatio.Of(node.Node, [.. axes.Select(a => x[a].Length)], [.. sizes.Elements.Select(e => e.ToDimension().Length)]);
        }
        var result = x;
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = axes[i];
            result = result.With(axis, ratio is { } same ? ResizeRatio.Length(x[axis].Length, same)
                : sizes?.Elements[i].ToDimension() ?? Scale(node, x[axis], scales!.Value[i]));
        }
        node.Set(0, node.Type(0), result);
    }

    private static Dimension Scale(NodeInference node, Dimension length, float scale)
    {
        if (!(scale > 0) || float.IsInfinity(scale)) throw node.Bad($"has the scale {FormattableString.Invariant($"{scale}")}");
        if (scale == 1) return length;
        // In single precision, as the engines do it.
        return length.IsKnown ? checked((long)MathF.Floor(length.Length * scale)) : Dimension.Unknown;
    }

    private static ImmutableArray<float>? Scales(NodeInference node, int input) =>
        node.Constant(input) is { Type: ElementType.Float32, Shape: { Rank: 1, ElementCount: > 0 } } tensor
            ? [.. tensor.Span<float>()]
            : null;

    private static ImmutableArray<float>? ScalesAttribute(NodeInference node) =>
        (node.Node.Attributes.GetValueOrDefault("scales") as AttributeValue.Floats)?.Values;
}
