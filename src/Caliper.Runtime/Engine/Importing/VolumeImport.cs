using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>
/// Convolutions and pools of three spatial axes, as those of two. The layers that a window takes together become channels of one image, so
/// that a convolution is an ordinary one with the same weights; a pool goes over rows and columns, then over layers. What moves is bytes
/// where there are bytes.
/// </summary>
internal static class VolumeImport
{
    private const int Layers = 2;

    public static bool Conv(GraphImporter graph, Node node)
    {
        if (graph.Find(node.Inputs[0])?.Shape is not { Rank: 5 }) return false;
        var parts = new Lowering(graph, node);
        var (x, w, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Inputs[1]), graph.ShapeOf(node.Output));
        var window = SlidingWindow.Of(node, SlidingWindow.KernelOf(node, [.. w.Skip(2).Select(l => Dimension.Of(l))]));
        var pads = PadsOf(node, window, x, y);
        var padded = Padded(parts, node.Inputs[0], pads[0]);
        var depth = x[Layers] + pads[0].Before + pads[0].After;
        // Images of layers k, k + stride, …, for each k of the window: image by image, the channels' layers side by side.
        var (count, taken) = (y[Layers], new string[window.Kernel[0]]);
        for (var k = 0; k < taken.Length; k++)
        {
            var first = k * window.Dilations[0];
            var last = first + (count - 1) * window.Strides[0];
            if (last >= depth) throw GraphImporter.Unsupported(node, "its window lies outside of the input");
            var slice = parts.Of("Slice", padded, parts.Numbers(first), parts.Numbers(last + 1), parts.Numbers(Layers),
                parts.Numbers(window.Strides[0]));
            taken[k] = parts.Of("Unsqueeze", slice, parts.Numbers(2));
        }
        var stacked = taken.Length == 1 ? taken[0] : parts.Of(parts.Part("Concat", taken).With("axis", 2));
        var images = parts.Reshaped(parts.Turned(stacked, 0, 3, 1, 2, 4, 5), (long)x[0] * count, (long)x[1] * taken.Length, x[3], x[4]);
        var weights = parts.Of("Reshape", node.Inputs[1], parts.Numbers(w[0], (long)w[1] * taken.Length, w[3], w[4]));
        var flat = Flat(new Node(node.Name, "Conv", [images, weights, .. node.Inputs.Skip(2)], []), window, pads)
            .With("kernel_shape", [w[3], w[4]]).With("group", node.Int("group", 1));
        var (result, output) = parts.Quantized(flat);
        return parts.End(output, parts.Part("Transpose", parts.Reshaped(result, x[0], count, y[1], y[3], y[4])).With("perm", 0, 2, 1, 3, 4));
    }

    public static bool Pool(GraphImporter graph, Node node)
    {
        if (graph.Find(node.Inputs[0])?.Shape is not { Rank: 5 } || node.Ints("kernel_shape") is not { Length: 3 } kernel) return false;
        if (node.Outputs.Skip(1).Any(o => o.Length > 0)) throw GraphImporter.Unsupported(node, "it also returns indices");
        var parts = new Lowering(graph, node);
        var (x, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Output));
        var window = SlidingWindow.Of(node, kernel);
        var pads = PadsOf(node, window, x, y);
        var images = parts.Reshaped(node.Inputs[0], x[0], (long)x[1] * x[2], x[3], x[4]);
        var flat = Flat(parts.Part(node.OpType, images), window, pads).With("kernel_shape", [kernel[1], kernel[2]]);
        var columns = parts.Reshaped(parts.Of(Like(node, flat)), x[0], x[1], x[2], (long)y[3] * y[4]);
        var deep = parts.Part(node.OpType, columns).With("kernel_shape", [kernel[0], 1]).With("strides", [window.Strides[0], 1])
            .With("dilations", [window.Dilations[0], 1]).With("pads", [pads[0].Before, 0, pads[0].After, 0]);
        return parts.End(parts.Part("Reshape", parts.Of(Like(node, deep)), parts.Numbers([.. y.Select(l => (long)l)])));
    }

    private static (long Before, long After)[] PadsOf(Node node, SlidingWindow window, int[] x, int[] y) => [.. Enumerable.Range(0, 3).Select(axis =>
        window.PadsOf(axis, x[axis + Layers], y[axis + Layers]) is { Before: >= 0 and <= int.MaxValue, After: >= 0 and <= int.MaxValue } pads ? pads
            : throw GraphImporter.Unsupported(node, "its padding is negative or beyond any tensor"))];

    private static string Padded(Lowering parts, string x, (long Before, long After) pads) => pads == (0, 0) ? x
        : parts.Of("Pad", x, parts.Numbers(0, 0, pads.Before, 0, 0, 0, 0, pads.After, 0, 0));

    private static Node Flat(Node node, SlidingWindow window, (long Before, long After)[] pads) => node
        .With("strides", window.Strides[1..].AsSpan()).With("dilations", window.Dilations[1..].AsSpan())
        .With("pads", [pads[1].Before, pads[2].Before, pads[1].After, pads[2].After]);

    private static Node Like(Node node, Node pool) => new[] { "ceil_mode", "count_include_pad" }
        .Aggregate(pool, (made, name) => node.Attributes.ContainsKey(name) ? made.With(name, node.Int(name, 0)) : made);
}
