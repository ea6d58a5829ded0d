using Caliper.Engine.Values;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>Reads where a Slice begins and how it steps.</summary>
internal static class SliceReading
{
    /// <summary>First index and step along each axis.</summary>
    public static (int[] Starts, int[] Steps) Of(GraphImporter graph, Node node, int[] input, int[] output)
    {
        var rank = input.Length;
        var starts = Numbers(graph, node, "starts", 1) ?? throw GraphImporter.Unsupported(node, "its starts are not constant");
        var axes = Numbers(graph, node, "axes", 3) ?? [.. Enumerable.Range(0, starts.Length).Select(a => (long)a)];
        var steps = Numbers(graph, node, "steps", 4) ?? [.. starts.Select(_ => 1L)];
        if (axes.Length != starts.Length || steps.Length != starts.Length)
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has starts, axes and steps of different lengths.");
        var (first, stepOf) = (new int[rank], Enumerable.Repeat(1, rank).ToArray());
        for (var i = 0; i < starts.Length; i++)
        {
            var axis = axes[i] < 0 ? axes[i] + rank : axes[i];
            if (axis < 0 || axis >= rank || steps[i] is 0 or > int.MaxValue or < -int.MaxValue)
                throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has a senseless axis or step.");
            var length = input[axis];
            var start = starts[i] < 0 ? starts[i] + length : starts[i];
            first[axis] = (int)Math.Clamp(start, 0, steps[i] < 0 ? length - 1 : length);
            stepOf[axis] = (int)steps[i];
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
    public static long[]? Numbers(GraphImporter graph, Node node, string attribute, int input)
    {
        if (node.Ints(attribute) is { } given) return [.. given];
        if (node.Input(input).Length == 0) return null;
        return graph.Constant(node.Inputs[input]) switch
        {
            { Type: ElementType.Int64 } tensor => tensor.Span<long>().ToArray(),
            { Type: ElementType.Int32 } tensor => [.. tensor.Span<int>().ToArray().Select(n => (long)n)],
            _ => throw GraphImporter.Unsupported(node, $"its {attribute} are not constant"),
        };
    }
}
