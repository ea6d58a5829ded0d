using Caliper.Graphs;
using Caliper.Graphs.Shapes;

namespace Caliper.Preparation;

/// <summary>A graph with the sizes that its values have for what is fed.</summary>
internal static class FedShapes
{
    /// <summary>The graph with all shapes that follow from the inputs'; null where those do not fit it.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="inputs">What is fed; a single input may have the name "".</param>
    /// <param name="rows">Rows along the first axis of each input; null for those that are there.</param>
    public static Graph? Of(Graph graph, IReadOnlyDictionary<string, Tensor> inputs, int? rows = null)
    {
        try
        {
            return ShapeFolding.Fold(graph.With(inputs: [.. graph.Inputs.Select(i => i with { Shape = ShapeOf(i) })],
                outputs: [.. graph.Outputs.Select(o => o with { Shape = null })], intermediates: []));
        }
        catch (CaliperException)
        {
            return null;
        }

        Shape? ShapeOf(Value input) =>
            (inputs.GetValueOrDefault(input.Name) ?? (graph.Inputs.Length == 1 ? inputs.GetValueOrDefault("") : null))?.Shape is not { } given
                ? input.Shape : rows is { } count ? given.With(0, count) : given;
    }
}
