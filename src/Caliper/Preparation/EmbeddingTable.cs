using System.Numerics.Tensors;
using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>
/// A Gather of whole rows of a constant: an embedding of tokens, types or positions. Nothing is multiplied there, but the table can be most
/// of the file. Each row is stored in 8 bits with a scale of its own, and becomes float once it is chosen.
/// </summary>
internal static class EmbeddingTable
{
    // What int8 saves of a smaller one is not worth the nodes that make it float again.
    private const long LeastBytes = 1 << 14;

    /// <summary>Whether a node chooses rows of a table, and nothing needs the table as a whole in float.</summary>
    public static bool IsChosenFrom(Graph graph, Node node)
    {
        if (!ChoosesRows(graph, node) || graph.Constant(node.Inputs[0]) is not { Type: ElementType.Float32 } table) return false;
        // A row must be longer than its scale, what is stored twice grows, and infinity has no scale.
        return (long)table.Count * sizeof(float) >= LeastBytes && table.Count / table.Shape[0].Length > 4
            && TensorPrimitives.IsFiniteAll(table.Span<float>())
            && !graph.IsOutput(node.Inputs[0]) && graph.ConsumersOf(node.Inputs[0]).All(n => ChoosesRows(graph, n));
    }

    /// <summary>How its rows are observed: as weights are, one range each, around zero.</summary>
    public static ObserverSpec Spec(ObserverSpec weight)
    {
        var spec = ObserverSpec.PerChannelMinMax.WithArgumentsOf(weight) with
        {
            DType = ElementType.Int8,
            Scheme = QuantizationScheme.PerChannelSymmetric,
            ChannelAxis = 0,
        };
        return QuantizedType.Of(weight.DType).Storage is ElementType.Int8 ? spec : spec with { QuantMin = null, QuantMax = null };
    }

    private static bool ChoosesRows(Graph graph, Node node) =>
        node.Is("Gather") && graph.Constant(node.Inputs[0]) is { Shape.Rank: >= 2 } table && NodeAxes.Of(node, table.Shape.Rank, 0) == 0;
}
