using Caliper.Engine.Values;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Reads the window of convolutions and pools of one or two spatial axes.</summary>
internal static class WindowReading
{
    /// <summary>The window of a convolution whose weights have a shape.</summary>
    public static Window Of(GraphImporter graph, Node node, int[] input, int[] weights) =>
        Of(graph, node, input, [.. weights.Skip(2).Select(l => (long)l)]);

    /// <summary>The window of a kernel.</summary>
    public static Window Of(GraphImporter graph, Node node, int[] input, long[] kernel)
    {
        var axes = kernel.Length;
        if (axes != input.Length - 2 || axes is not (1 or 2))
            throw GraphImporter.Unsupported(node, $"its window has {axes} axes on an input of shape {Sizes.Text(input)}");
        if (node.Ints("kernel_shape") is { } said && !said.SequenceEqual(kernel))
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has a kernel_shape that is not that of its weights.");
        var strides = Ints(node, "strides", axes, 1);
        var dilations = Ints(node, "dilations", axes, 1);
        var output = graph.ShapeOf(node.Output);
        var pads = PadsOf(node, input, output, kernel, strides, dilations);
        for (var axis = 0; axis < axes; axis++)
        {
            // What shape inference found must be what the kernels will walk over.
            var reach = (kernel[axis] - 1) * dilations[axis] + 1;
            if (pads[axis] < 0 || pads[axis + axes] < 0 || kernel[axis] < 1
                || (output[axis + 2] - 1) * strides[axis] - pads[axis] >= input[axis + 2] + pads[axis + axes]
                || reach > int.MaxValue)
                throw GraphImporter.Unsupported(node, "its padding is negative, or its window lies outside of the input");
        }
        return axes == 1
            ? new Window(1, (int)kernel[0], 1, (int)strides[0], 1, (int)dilations[0], 0, (int)pads[0], 0, (int)pads[1])
            : new Window((int)kernel[0], (int)kernel[1], (int)strides[0], (int)strides[1], (int)dilations[0], (int)dilations[1],
                (int)pads[0], (int)pads[1], (int)pads[2], (int)pads[3]);
    }

    private static long[] PadsOf(Node node, int[] input, int[] output, long[] kernel, long[] strides, long[] dilations)
    {
        var axes = kernel.Length;
        var auto = node.Text("auto_pad", "NOTSET");
        if (auto is "NOTSET" or "") return Ints(node, "pads", 2 * axes, 0);
        var pads = new long[2 * axes];
        if (auto is "VALID") return pads;
        for (var axis = 0; axis < axes; axis++)
        {
            var total = Math.Max(0, (output[axis + 2] - 1) * strides[axis] + (kernel[axis] - 1) * dilations[axis] + 1 - input[axis + 2]);
            pads[axis] = auto is "SAME_UPPER" ? total / 2 : total - total / 2;
            pads[axis + axes] = total - pads[axis];
        }
        return pads;
    }

    private static long[] Ints(Node node, string attribute, int count, long whenAbsent)
    {
        var numbers = node.Ints(attribute) is { } given ? [.. given] : Enumerable.Repeat(whenAbsent, count).ToArray();
        if (numbers.Length != count || numbers.Any(n => n is < 0 or > 1 << 20) || (attribute != "pads" && numbers.Any(n => n < 1)))
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has a senseless '{attribute}'.");
        return numbers;
    }
}
