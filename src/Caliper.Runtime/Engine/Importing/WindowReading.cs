using System.Collections.Immutable;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Reads the window of convolutions and pools of one or two spatial axes.</summary>
internal static class WindowReading
{
    // Beyond this nothing that networks do would lie, and sums would overflow.
    private const long Most = 1 << 20;

    /// <summary>The window of a convolution whose weights have a shape.</summary>
    public static Window Of(GraphImporter graph, Node node, int[] input, int[] weights) =>
        Of(graph, node, input, SlidingWindow.KernelOf(node, [.. weights.Skip(2).Select(l => Dimension.Of(l))]));

    /// <summary>The window of a kernel.</summary>
    public static Window Of(GraphImporter graph, Node node, int[] input, ImmutableArray<long> kernel)
    {
        var axes = kernel.Length;
        if (axes != input.Length - 2 || axes is not (1 or 2))
            throw GraphImporter.Unsupported(node, $"its window has {axes} axes on an input of shape {Sizes.Text(input)}");
        var window = SlidingWindow.Of(node, kernel);
        var output = graph.ShapeOf(node.Output);
        var pads = new (long Before, long After)[axes];
        for (var axis = 0; axis < axes; axis++)
        {
            var (from, to) = (input[axis + 2], output[axis + 2]);
            if (window.Slide(node, axis, from, node.Int("ceil_mode", 0) != 0).Length != to)
                throw GraphImporter.Unsupported(node, $"its window does not make {to} of {from}");
            pads[axis] = window.PadsOf(axis, from, to);
            if (pads[axis] is not { Before: >= 0 and <= Most, After: >= 0 and <= Most } || window.Strides[axis] > Most
                || window.Dilations[axis] > Most || window.Reach(axis) > int.MaxValue)
                throw GraphImporter.Unsupported(node, "its padding is negative, or its window lies outside of the input");
        }
        // One spatial axis is a row: its window has one row, and nothing above or below.
        var (rows, columns) = (axes - 2, axes - 1);
        return new Window(
            At(rows, kernel, 1), At(columns, kernel, 1), At(rows, window.Strides, 1), At(columns, window.Strides, 1),
            At(rows, window.Dilations, 1), At(columns, window.Dilations, 1),
            rows < 0 ? 0 : (int)pads[rows].Before, (int)pads[columns].Before, rows < 0 ? 0 : (int)pads[rows].After, (int)pads[columns].After);

        static int At(int axis, ImmutableArray<long> numbers, int whenAbsent) => axis < 0 ? whenAbsent : (int)numbers[axis];
    }
}
