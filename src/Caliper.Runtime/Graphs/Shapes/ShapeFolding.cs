using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>
/// Replaces integers that a model computes from shapes alone (<c>Shape → Gather → Concat</c> and the like, as exporters
/// write them) by constants, and drops the nodes that computed them.
/// </summary>
internal static class ShapeFolding
{
    /// <summary>The same model, with fewer nodes. What depends on a free axis stays.</summary>
    /// <exception cref="CaliperException">A node contradicts its inputs; the message names it.</exception>
    public static Model Fold(Model model)
    {
        OperatorForms.CheckVersion(model);
        return model with { Graph = Fold(model.Graph) };
    }

    /// <inheritdoc cref="Fold(Model)"/>
    public static Graph Fold(Graph graph)
    {
        var (inferred, ints) = ShapeInference.InferWithInts(graph);
        var constants = new Dictionary<string, Tensor>(StringComparer.Ordinal);
        foreach (var (name, known) in ints)
        {
            var isComputed = graph.ProducerOf(name) is not null;
            if (isComputed && known.ToTensor(inferred.Find(name)!.Type) is { } tensor) constants[name] = tensor;
        }
        bool IsFolded(Node node) => node.Outputs.All(o => o.Length == 0 || (constants.ContainsKey(o) && !graph.IsOutput(o)));
        var folded = inferred.Nodes.Where(IsFolded).ToHashSet();
        if (folded.Count == 0) return inferred;
        var made = folded.SelectMany(n => n.Outputs).Where(o => o.Length > 0).Select(o => KeyValuePair.Create(o, constants[o]));
        return inferred.With(
            nodes: inferred.Nodes.Where(n => !folded.Contains(n)), initializers: inferred.Initializers.AddRange(made));
    }
}
