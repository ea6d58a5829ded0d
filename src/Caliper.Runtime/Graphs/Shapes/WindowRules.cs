using System.Collections.Immutable;
using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>Convolutions and pools: batch, channels, then spatial axes.</summary>
internal static class WindowRules
{
    public static IEnumerable<KeyValuePair<string, ShapeRule>> All =>
    [
        .. RuleTable.For(n => Convolution(n, 1, n.Type(0)), "Conv"),
        .. RuleTable.For(n => Convolution(n, 1, ElementType.Int32), "ConvInteger"),
        .. RuleTable.For(n => Convolution(n, 3, n.Type(7) is var y and not ElementType.Undefined ? y : n.Type(0)), "QLinearConv"),
        .. RuleTable.For(ConvTranspose, "ConvTranspose"),
        .. RuleTable.For(Pool, "MaxPool", "AveragePool", "LpPool"),
        .. RuleTable.For(GlobalPool, "GlobalAveragePool", "GlobalMaxPool", "GlobalLpPool"),
        .. RuleTable.For(RoiAlign, "RoiAlign"),
    ];

    /// <summary>Convolves input 0 with weights (outputs, inputs / groups, kernel) at <paramref name="weights"/>.</summary>
    private static void Convolution(NodeInference node, int weights, ElementType type)
    {
        node.Set(0, type, null);
        if (node.Shape(weights) is not { } w) return;
        var groups = Groups(node, w);
        // ConvInteger has zero points where the others have a bias.
        if (type is not ElementType.Int32) node.NeedsNumbers(weights == 3 ? 8 : 2, w[0]);
        if (node.Shape(0) is not { } x) return;
        if (w.Rank != x.Rank) throw node.Bad($"has an input of shape {x} and weights of shape {w}");
        if (x[1].IsKnown && w[1].IsKnown && x[1].Length != checked(w[1].Length * groups))
        {
            throw node.Bad($"has weights of shape {w} in {groups} groups, for {w[1].Length * groups} channels, "
                + $"but its input has {x[1]}");
        }
        if (Kernel(node, w) is not { } kernel) return;
        var window = SlidingWindow.Of(node.Node, kernel);
        node.Set(0, type, Spatial(x, w[0], axis => window.Slide(node.Node, axis, x[axis + 2], ceil: false)));
    }

    /// <summary>Weights are (inputs, outputs / groups, kernel…).</summary>
    private static void ConvTranspose(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        if (node.Shape(1) is not { } w) return;
        var groups = Groups(node, w);
        var channels = w[1].IsKnown ? checked(w[1].Length * groups) : Dimension.Unknown;
        node.NeedsNumbers(2, channels);
        if (node.Shape(0) is not { } x) return;
        if (w.Rank != x.Rank) throw node.Bad($"has an input of shape {x} and weights of shape {w}");
        if (DimensionArithmetic.Same(x[1], w[0]) is null)
            throw node.Bad($"has weights for {w[0]} channels, but its input has {x[1]}");
        if (Kernel(node, w) is not { } kernel) return;
        var window = SlidingWindow.Of(node.Node, kernel);
        var outputPadding = node.Ints("output_padding", kernel.Length, 0);
        var given = node.Node.Attributes.ContainsKey("output_shape") ? node.Ints("output_shape", kernel.Length, 0) : default;
        if (!given.IsDefault && given.Any(l => l < 0)) throw node.Bad("has a negative 'output_shape'");
        node.Set(0, node.Type(0), Spatial(x, channels, axis =>
            given.IsDefault ? window.SlideBack(axis, x[axis + 2], outputPadding[axis]) : given[axis]));
    }

    public static void Pool(NodeInference node)
    {
        node.Set(0, node.Type(0), null);
        node.Set(1, ElementType.Int64, null);
        if (node.Shape(0) is not { } x || node.Node.Ints("kernel_shape") is not { } kernel) return;
        if (x.Rank < 3 || kernel.Length != x.Rank - 2)
            throw node.Bad($"has a kernel of {kernel.Length} axes on an input of shape {x}");
        var window = SlidingWindow.Of(node.Node, kernel);
        var ceil = node.Node.Int("ceil_mode", 0) != 0;
        var shape = Spatial(x, x[1], axis => window.Slide(node.Node, axis, x[axis + 2], ceil));
        node.Set(0, node.Type(0), shape);
        node.Set(1, ElementType.Int64, shape);
    }

    public static void GlobalPool(NodeInference node) =>
        node.Set(0, node.Type(0), node.Shape(0) is { Rank: > 2 } x ? Spatial(x, x[1], _ => 1) : null);

    private static void RoiAlign(NodeInference node)
    {
        var (height, width) = (node.Node.Int("output_height", 1), node.Node.Int("output_width", 1));
        if (height < 1 || width < 1) throw node.Bad($"has an output of {height}×{width}");
        node.Set(0, node.Type(0), node.Shape(0) is { Rank: 4 } x && node.Shape(1) is { Rank: 2 } regions
            ? new Shape([regions[0], x[1], height, width])
            : null);
    }

    /// <summary>In how many groups channels are; the weights, whatever the data is, have channels and a kernel, and divide into groups.</summary>
    private static long Groups(NodeInference node, Shape weights)
    {
        var groups = node.Node.Int("group", 1);
        if (groups < 1) throw node.Bad($"has {groups} groups");
        if (weights.Rank < 3) throw node.Bad($"has weights of shape {weights}, which have no kernel");
        if (weights[0].IsKnown && weights[0].Length % groups != 0) throw node.Bad($"has weights of shape {weights} in {groups} groups");
        return groups;
    }

    /// <summary>The kernel as the weights have it; the attribute, where there is one, must say the same.</summary>
    private static ImmutableArray<long>? Kernel(NodeInference node, Shape weights)
    {
        var lengths = weights.Dimensions[2..];
        return node.Node.Attributes.ContainsKey("kernel_shape") || lengths.All(d => d.IsKnown) ? SlidingWindow.KernelOf(node.Node, lengths) : null;
    }

    private static Shape Spatial(Shape input, Dimension channels, Func<int, Dimension> length) =>
        new([input[0], channels, .. Enumerable.Range(0, input.Rank - 2).Select(length)]);
}
