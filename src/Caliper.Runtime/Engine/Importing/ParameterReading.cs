using Caliper.Engine.Values;
using Caliper.Graphs;

namespace Caliper.Engine.Importing;

/// <summary>The one reader of parameters: tensors whose length follows from the shape of another one, such as a bias of each
/// output. One that is too short or too long is refused, constant or computed.</summary>
internal static class ParameterReading
{
    /// <summary>Refuses a parameter that does not have exactly so many numbers; one that is left out is fine.</summary>
    public static void Check(GraphImporter graph, Node node, int input, long count)
    {
        if (node.Input(input).Length == 0) return;
        var shape = graph.ShapeOf(node.Inputs[input]);
        if (Sizes.Product(shape) != count) throw Wrong(node, input, shape, $"{count}");
    }

    /// <summary>Refuses a parameter that cannot be repeated to a matrix.</summary>
    public static void CheckMatrix(GraphImporter graph, Node node, int input, int rows, int columns)
    {
        if (node.Input(input).Length == 0) return;
        var shape = graph.ShapeOf(node.Inputs[input]);
        var fits = shape.Length <= 2 && (shape.Length < 1 || shape[^1] == 1 || shape[^1] == columns)
            && (shape.Length < 2 || shape[0] == 1 || shape[0] == rows);
        if (!fits) throw Wrong(node, input, shape, $"{rows}×{columns}");
    }

    /// <summary>Whether a constant has one number for each output, along its last axis.</summary>
    public static bool IsRow(Tensor tensor, int outputs) =>
        tensor.Shape.ElementCount == outputs && tensor.Shape.Rank > 0 && tensor.Shape[-1].Length == outputs;

    private static CaliperException Wrong(Node node, int input, int[] shape, string needed) => new(
        $"The node '{node.Name}' ({node.OpType}) has {Sizes.Text(shape)} numbers in '{node.Inputs[input]}' where it needs {needed}.");
}
