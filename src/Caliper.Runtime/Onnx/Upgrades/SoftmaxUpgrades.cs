using Caliper.Graphs;

namespace Caliper.Onnx.Upgrades;

/// <summary>
/// Before version 13, Softmax and its kin saw their input as a matrix: the axes before <c>axis</c> were rows, those from
/// <c>axis</c> on, together, columns. Since then they go along that one axis.
/// </summary>
internal static class SoftmaxUpgrades
{
    public static IEnumerable<Node> OneAxis(Node node, GraphUpgrade graph)
    {
        var axis = node.Int("axis", 1);
        var shape = graph.ShapeOf(node.Input(0));
        if (shape is { } known && OnlyLongAxis(known, axis) is { } only) return [node.With("axis", only)];

        var flat = node with { Inputs = [graph.NewName(node, "flat")], Outputs = [graph.NewName(node, "flat_result")] };
        var flatten = new Node(graph.NewName(node, "flatten"), "Flatten", [node.Input(0)], flat.Inputs).With("axis", axis);
        Node Back(string target) => new(graph.NewName(node, "reshape"), "Reshape", [flat.Output, target], node.Outputs);
        if (shape is { IsStatic: true } fixedShape)
            return [flatten, flat.With("axis", -1), Back(graph.Add(node, "shape", Tensor.Vector(fixedShape.ToArray())))];
        var lengths = new Node(graph.NewName(node, "shape"), "Shape", [node.Input(0)], [graph.NewName(node, "lengths")]);
        return [flatten, flat.With("axis", -1), lengths, Back(lengths.Output)];
    }

    /// <summary>The only axis of the columns longer than 1: going along it is the same. Null where there are more.</summary>
    private static long? OnlyLongAxis(Shape shape, long axis)
    {
        var first = (int)(axis < 0 ? axis + shape.Rank : axis);
        if (first < 0 || first >= shape.Rank) return null;
        var longAxes = Enumerable.Range(first, shape.Rank - first).Where(i => shape[i] != Dimension.Of(1)).ToArray();
        return longAxes.Length switch { 0 => shape.Rank - 1, 1 => longAxes[0], _ => null };
    }
}
