using System.Runtime.CompilerServices;
using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>
/// Replaces integers that a model computes from shapes alone (<c>Shape → Gather → Concat</c> and the like, as exporters
/// write them) by constants, and drops the nodes that computed them.
/// </summary>
internal static class ShapeFolding
{
    /// <summary>What became last of a model's nodes: of other sizes of the same model it is nearly always the same, but for the numbers.</summary>
    private static readonly ConditionalWeakTable<Node, Folded> Before = [];

    /// <summary>A graph and what was made of it.</summary>
    /// <param name="Source">The graph.</param>
    /// <param name="Nodes">Its nodes that computed integers.</param>
    /// <param name="Result">The graph without them.</param>
    private sealed record Folded(Graph Source, HashSet<Node> Nodes, Graph Result);

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
        var folded = inferred.Nodes.Where(IsFolded).ToHashSet<Node>(ReferenceEqualityComparer.Instance);
        if (folded.Count == 0) return inferred;
        var made = folded.SelectMany(n => n.Outputs).Where(o => o.Length > 0).ToDictionary(o => o, o => constants[o], StringComparer.Ordinal);
        var first = inferred.Nodes[0];
        if (Before.TryGetValue(first, out var before) && before.Source.HasPartsOf(inferred) && before.Nodes.SetEquals(folded))
        {
            var read = made.Where(m => before.Result.Constant(m.Key) is not null).ToDictionary(StringComparer.Ordinal);
            return before.Result.WithConstants(read, inferred);
        }
        var result = inferred.With(nodes: inferred.Nodes.Where(n => !folded.Contains(n)), initializers: inferred.Initializers.AddRange(made));
        Before.AddOrUpdate(first, new Folded(inferred, folded, result));
        return result;
    }
}
