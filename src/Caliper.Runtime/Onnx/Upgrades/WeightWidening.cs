using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Onnx.Upgrades;

/// <summary>Weights that a file stores in fewer bits become constants of the real numbers that they stand for.</summary>
internal static class WeightWidening
{
    /// <summary>The graph without the DequantizeLinear of constants that are meant.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isMeant">Which; by the node and the type of what it reads.</param>
    public static Graph Apply(Graph graph, Func<Node, ElementType, bool> isMeant)
    {
        var meant = graph.Nodes.Where(n => n.Is("DequantizeLinear") && n.Inputs.All(i => i.Length == 0 || graph.Constant(i) is not null)
            && isMeant(n, graph.Constant(n.Inputs[0])!.Type)).ToArray();
        if (meant.Length == 0) return graph;
        var results = meant.Select(n => KeyValuePair.Create(n.Output, StoredWeights.Of(n, graph.Constant)));
        return graph.With(graph.Nodes.Except(meant), graph.Initializers.SetItems(results));
    }
}
