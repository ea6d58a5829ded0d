using System.Numerics.Tensors;
using Caliper.Graphs;
using Caliper.Observers;

namespace Caliper.Preparation;

/// <summary>
/// An LSTM, GRU or RNN whose weights are stored in 8 bits, a scale for each row: a gate of a unit. Its sums and its state stay float, so that
/// nothing is lost from one step to the next; the weights are all but a few of its bytes.
/// </summary>
internal static class RecurrentWeights
{
    // What int8 saves of fewer is not worth the nodes that make them float again.
    private const long LeastBytes = 1 << 10;

    /// <summary>The inputs that are weights: of what comes in, and of the state.</summary>
    public static int[] Inputs => [1, 2];

    /// <summary>Whether a node is such a network, and nothing else reads its weights in float.</summary>
    public static bool AreStored(Graph graph, Node node) => node.Domain is "" && node.OpType is "LSTM" or "GRU" or "RNN"
        && Inputs.All(i => graph.Constant(node.Input(i)) is { Type: ElementType.Float32, Shape.Rank: 3 } weights
            && (long)weights.Count * sizeof(float) >= LeastBytes && weights.Shape[2].Length > 4 && TensorPrimitives.IsFiniteAll(weights.Span<float>())
            && !graph.IsOutput(node.Inputs[i]) && graph.ConsumersOf(node.Inputs[i]).All(n => n.OpType == node.OpType));

    /// <summary>How they are observed: each row of both directions has a range of its own.</summary>
    public static ObserverSpec Spec(ObserverSpec weight) => EmbeddingTable.Spec(weight) with { ChannelAxis = 1 };
}
