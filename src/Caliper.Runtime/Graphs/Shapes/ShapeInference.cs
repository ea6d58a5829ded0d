using System.Runtime.CompilerServices;
using Caliper.Operators;

namespace Caliper.Graphs.Shapes;

/// <summary>
/// Works out types and shapes of all values of a graph from its inputs. Free axes keep their names, so that a free batch
/// can be followed through the network. What an unknown operator returns stays unknown.
/// </summary>
internal static class ShapeInference
{
    /// <summary>What was inferred before, for nothing is to be found in it again: while a model is read, it is asked for after every step, and
    /// most steps change nothing.</summary>
    private static readonly ConditionalWeakTable<Graph, IReadOnlyDictionary<string, Ints>> Inferred = [];

    /// <summary>The same model with everything that can be known about values between nodes and about outputs.</summary>
    /// <exception cref="CaliperException">A node contradicts its inputs; the message names it.</exception>
    public static Model Infer(Model model)
    {
        OperatorForms.CheckVersion(model);
        return Infer(model.Graph) is var graph && ReferenceEquals(graph, model.Graph) ? model : model with { Graph = graph };
    }

    /// <inheritdoc cref="Infer(Model)"/>
    public static Graph Infer(Graph graph) => InferWithInts(graph).Graph;

    /// <summary>What <see cref="Infer(Graph)"/> gives, and the small integer tensors that were followed.</summary>
    internal static (Graph Graph, IReadOnlyDictionary<string, Ints> Ints) InferWithInts(Graph graph)
    {
        if (Inferred.TryGetValue(graph, out var before)) return (graph, before);
        var values = new Dictionary<string, Value>(2 * graph.Nodes.Length + graph.Inputs.Length, StringComparer.Ordinal);
        foreach (var input in graph.Inputs) if (graph.Constant(input.Name) is null) values.Add(input.Name, input);
        var ints = new Dictionary<string, Ints>(StringComparer.Ordinal);
        Func<string, Tensor?> constants = graph.Constant;
        Func<string, Value?> known = name => values.TryGetValue(name, out var value) ? value
            : graph.Constant(name) is { } tensor ? values[name] = new Value(name, tensor.Type, tensor.Shape) : null;
        // What is read of a constant is less than what looking through all of them would cost.
        Func<string, Ints?> numbers = name => ints.TryGetValue(name, out var found) ? found
            : graph.Constant(name) is { } tensor ? Ints.Of(tensor) : null;
        foreach (var node in graph.Nodes)
        {
            var inference = new NodeInference(node, known, numbers, constants);
            Infer(inference);
            foreach (var found in inference.Found) values[found.Name] = found;
            foreach (var (name, found) in inference.FoundInts) ints[name] = found;
            foreach (var output in node.Outputs) if (output.Length > 0) values[output] = Completed(graph, values.GetValueOrDefault(output), output);
        }
        var outputs = graph.Outputs.Select(o => Completed(graph, known(o.Name), o.Name));
        var intermediates = graph.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).Select(o => values[o])
            .Where(v => v.Type != ElementType.Undefined || v.Shape is not null || !v.Uninterpreted.IsEmpty);
        var inferred = graph.With(outputs: [.. outputs], intermediates: intermediates);
        Inferred.Add(inferred, ints);
        return (inferred, ints);
    }

    private static void Infer(NodeInference inference)
    {
        var node = inference.Node;
        try
        {
            OperatorForms.Check(node);
            RuleTable.Find(node)?.Invoke(inference);
        }
        catch (ArithmeticException e)
        {
            throw new CaliperException($"The node '{node.Name}' ({node.OpType}) has sizes that overflow or divide by zero.", e);
        }
    }

    /// <summary>What was found, completed by what the file says. Where they differ, the file is stale.</summary>
    private static Value Completed(Graph graph, Value? found, string name)
    {
        if (graph.Find(name) is not { } said) return found ?? new Value(name, ElementType.Undefined, null);
        return found is null ? said : said with
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
