using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion.Composites;

/// <summary>A matrix product of two activations, as attention has two: the scores, of queries and keys, and what their Softmax takes of the
/// values.</summary>
internal static class AttentionProduct
{
    private const int MostSteps = 6;

    /// <summary>What such a product is called; null where one factor is constant, or the node is none.</summary>
    public static string? KindOf(Graph graph, Node node)
    {
        if (OperatorCatalogue.ProductOf(node) is not ProductKind.MatMul || node.Inputs.Any(i => graph.Constant(i) is not null)) return null;
        return ComesOfSoftmax(graph, node.Inputs[0]) ? "AttentionContext" : GoesToSoftmax(graph, node.Output) ? "AttentionScores" : node.OpType;
    }

    /// <summary>Scores are scaled, masked and perhaps rounded on the way.</summary>
    private static bool GoesToSoftmax(Graph graph, string value)
    {
        for (var step = 0; step < MostSteps && graph.ConsumersOf(value) is [var next]; step++)
        {
            if (next.Is("Softmax")) return true;
            if (!IsOnTheWay(next) && !next.Is("Mul") && !next.Is("Div") && !next.Is("Add") && !next.Is("Where")) return false;
            value = next.Output;
        }
        return false;
    }

    private static bool ComesOfSoftmax(Graph graph, string value)
    {
        for (var step = 0; step < MostSteps && graph.ProducerOf(value) is { } producer; step++)
        {
            if (producer.Is("Softmax")) return true;
            if (!IsOnTheWay(producer)) return false;
            value = producer.Inputs[0];
        }
        return false;
    }

    private static bool IsOnTheWay(Node node) => node.Domain.Length == 0
        && node.OpType is "Reshape" or "Cast" or "Identity" or "Dropout" or "QuantizeLinear" or "DequantizeLinear";
}
