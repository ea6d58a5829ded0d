using System.Collections.Immutable;
using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>
/// Works out types and shapes of all values of a graph from its inputs. Free axes keep their names, so that a free batch
/// can be followed through the network. What an unknown operator returns stays unknown.
/// </summary>
internal static class ShapeInference
{
    /// <summary>The same model with everything that can be known about values between nodes and about outputs.</summary>
    /// <exception cref="CaliperException">A node contradicts its inputs; the message names it.</exception>
    public static Model Infer(Model model)
    {
        OperatorForms.CheckVersion(model);
        return model with { Graph = Infer(model.Graph) };
    }

    /// <inheritdoc cref="Infer(Model)"/>
    public static Graph Infer(Graph graph) => InferWithInts(graph).Graph;

    /// <summary>What <see cref="Infer(Graph)"/> gives, and the small integer tensors that were followed.</summary>
    internal static (Graph Graph, IReadOnlyDictionary<string, Ints> Ints) InferWithInts(Graph graph)
    {
        var values = graph.Inputs.ToDictionary(i => i.Name, StringComparer.Ordinal);
        var ints = new Dictionary<string, Ints>(StringComparer.Ordinal);
        foreach (var (name, tensor) in graph.Initializers)
        {
            values[name] = new Value(name, tensor.Type, tensor.Shape);
            if (Ints.Of(tensor) is { } known) ints[name] = known;
        }
        foreach (var node in graph.Nodes) Infer(graph, node, values, ints);
        var outputs = graph.Outputs.Select(o => Known(graph, values, o.Name));
        var intermediates = graph.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).Select(o => Known(graph, values, o))
            .Where(v => v.Type != ElementType.Undefined || v.Shape is not null || !v.Uninterpreted.IsEmpty);
        return (graph.With(outputs: [.. outputs], intermediates: intermediates), ints);
    }

    private static void Infer(Graph graph, Node node, Dictionary<string, Value> values, Dictionary<string, Ints> ints)
    {
        var inference = new NodeInference(node, values.GetValueOrDefault, ints.GetValueOrDefault, graph.Constant);
        try
        {
            OperatorForms.Check(node);
            RuleTable.Find(node)?.Invoke(inference);
        }
        catch (ArithmeticException e)
        {
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has sizes that overflow or divide by zero.", e);
        }
        foreach (var found in inference.Found) values[found.Name] = found;
        foreach (var (name, found) in inference.FoundInts) ints[name] = found;
        foreach (var output in node.Outputs.Where(o => o.Length > 0)) values[output] = Known(graph, values, output);
    }

    /// <summary>What was found, completed by what the file says. Where they differ, the file is stale.</summary>
    private static Value Known(Graph graph, Dictionary<string, Value> values, string name)
    {
        var said = graph.Find(name) ?? new Value(name, ElementType.Undefined, null);
        if (!values.TryGetValue(name, out var found)) return said;
        return said with
        {
            Type = found.Type != ElementType.Undefined ? found.Type : said.Type,
            Shape = found.Shape is { } shape ? Complete(shape, said.Shape) : said.Shape,
        };
    }

    private static Shape Complete(Shape found, Shape? said) => said is { } known && known.Rank == found.Rank
        ? new Shape([.. found.Dimensions.Zip(known.Dimensions, (f, s) =>
            f.IsKnown ? f
            : f.Symbol is null ? s
            : s.Symbol is not null ? s
            : f)])
        : found;
}
