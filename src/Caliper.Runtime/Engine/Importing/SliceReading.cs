using System.Collections.Immutable;
using Caliper.Engine.Values;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Engine.Importing;

/// <summary>Reads where a Slice begins and how it steps.</summary>
internal static class SliceReading
{
    /// <summary>First index and step along each axis.</summary>
    public static (int[] Starts, int[] Steps) Of(GraphImporter graph, Node node, int[] input, int[] output)
    {
        var rank = input.Length;
        var (starts, ends) = (Numbers(graph, node, "starts", 1), Numbers(graph, node, "ends", 2));
        if (starts is null || ends is null) throw GraphImporter.Unsupported(node, "its starts or ends are not constant");
        var steps = Numbers(graph, node, null, 4);
        var axes = Cut.Axes(node, rank, Numbers(graph, node, "axes", 3), starts, ends, steps);
        var (first, stepOf) = (new int[rank], Enumerable.Repeat(1, rank).ToArray());
        for (var i = 0; i < axes.Length; i++)
        {
            var axis = axes[i];
            var cut = Cut.Of(node, input[axis], starts.Value[i], ends.Value[i], steps?[i] ?? 1);
            // A single element is one step of any length.
            (first[axis], stepOf[axis]) = ((int)cut.Start, cut.Count == 1 ? 1 : checked((int)cut.Step));
            if (cut.Count != output[axis])
                throw NodeFault.Of(node, $"takes {cut.Count} of an axis where its output has {output[axis]}");
        }
        for (var axis = 0; axis < rank; axis++)
        {
            var last = first[axis] + (long)(output[axis] - 1) * stepOf[axis];
            if (last < 0 || last >= input[axis] || first[axis] >= input[axis])
                throw new CaliperException($"The node '{node.Name}' ({node.OpType}) slices beyond its input of shape {Sizes.Text(input)}.");
        }
        return (first, stepOf);
    }

    /// <summary>Integers that are an attribute in old operator sets and an input in newer ones; null where they are absent.</summary>
    public static ImmutableArray<long>? Numbers(GraphImporter graph, Node node, string? attribute, int input)
    {
        if (node.Input(input).Length == 0) return attribute is null ? null : node.Ints(attribute);
        return graph.Constant(node.Inputs[input]) switch
        {
            { Type: ElementType.Int64 } tensor => [.. tensor.Span<long>()],
            { Type: ElementType.Int32 } tensor => [.. tensor.Span<int>().ToArray().Select(n => (long)n)],
            _ => throw GraphImporter.Unsupported(node, $"its input '{node.Inputs[input]}' is not constant integers"),
        };
    }
}
