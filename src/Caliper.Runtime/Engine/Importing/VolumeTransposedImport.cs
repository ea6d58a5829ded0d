using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>ConvTranspose of three spatial axes: the convolution by the reversed window of an input whose elements lie a stride apart.</summary>
internal static class VolumeTransposedImport
{
    private const int Axes = 3;

    public static bool Import(GraphImporter graph, Node node)
    {
        if (graph.Find(node.Inputs[0])?.Shape is not { Rank: 5 } || !node.Inputs.All(graph.HasFloats)) return false;
        var parts = new Lowering(graph, node);
        var (x, w, y) = (graph.ShapeOf(node.Inputs[0]), graph.ShapeOf(node.Inputs[1]), graph.ShapeOf(node.Output));
        var window = SlidingWindow.Of(node, SlidingWindow.KernelOf(node, [.. w.Skip(2).Select(l => Dimension.Of(l))]));
        var added = SlidingWindow.Numbers(node, "output_padding", Axes, 0);
        var (before, after) = (new long[Axes], new long[Axes]);
        for (var axis = 0; axis < Axes; axis++)
        {
            var pad = window.PadBack(axis, x[axis + 2], y[axis + 2], added[axis], node.Attributes.ContainsKey("output_shape"));
            var reach = (window.Kernel[axis] - 1) * window.Dilations[axis];
            before[axis] = reach - pad;
            after[axis] = y[axis + 2] - 1 - before[axis] - (x[axis + 2] - 1) * window.Strides[axis] + reach;
            if (pad < 0 || before[axis] is < 0 or > int.MaxValue || after[axis] is < 0 or > int.MaxValue)
                throw GraphImporter.Unsupported(node, "its padding is negative, or more than its window reaches");
        }
        var convolution = parts.Part("Conv", [Apart(parts, node.Inputs[0], x, [.. window.Strides]), Weights(parts, node, w), .. node.Inputs.Skip(2)]);
        return parts.End(convolution.With("group", node.Int("group", 1)).With("dilations", window.Dilations.AsSpan())
            .With("pads", [.. before, .. after]));
    }

    /// <summary>Zeros between the elements: after each of them, but for the last.</summary>
    private static string Apart(Lowering parts, string value, int[] x, long[] strides)
    {
        long[] shape = [.. x.Select(l => (long)l)];
        for (var axis = 2; axis < shape.Length; axis++)
        {
            var stride = strides[axis - 2];
            if (stride == 1) continue;
            var alone = parts.Reshaped(value,
                shape[..axis].Aggregate((a, b) => a * b), shape[axis], 1, shape[(axis + 1)..].Aggregate(1L, (a, b) => a * b));
            var padded = parts.Of("Pad", alone, parts.Numbers(0, 0, 0, 0, 0, 0, stride - 1, 0));
            shape[axis] *= stride;
            var last = shape[axis] - stride + 1;
            value = parts.Of("Slice", parts.Reshaped(padded, shape), parts.Numbers(0), parts.Numbers(last), parts.Numbers(axis));
            shape[axis] = last;
        }
        return value;
    }

    /// <summary>Reversed along the window, with the outputs of each group first.</summary>
    private static string Weights(Lowering parts, Node node, int[] w)
    {
        var (groups, kernel) = (node.Int("group", 1), w.Skip(2).Select(l => (long)l).ToArray());
        if (groups < 1 || w[0] % groups != 0) throw NodeFault.Of(node, $"has {w[0]} channels in {groups} groups");
        var least = Enumerable.Repeat(long.MinValue, Axes).ToArray();
        var reversed = parts.Of("Slice", node.Inputs[1], parts.Numbers(-1, -1, -1), parts.Numbers(least), parts.Numbers(2, 3, 4),
            parts.Numbers(-1, -1, -1));
        var turned = parts.Turned(parts.Reshaped(reversed, [groups, w[0] / groups, w[1], .. kernel]), 0, 2, 1, 3, 4, 5);
        return parts.Reshaped(turned, [groups * w[1], w[0] / groups, .. kernel]);
    }
}
