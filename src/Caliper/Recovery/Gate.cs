using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>A product x·g(x): SiLU with a Sigmoid, hard-swish with a HardSigmoid or Add, Clip and Div, GELU with an Erf.</summary>
/// <param name="Value">The value x.</param>
/// <param name="Entry">The first operation of g, which reads x.</param>
internal sealed record Gate(string Value, Node Entry)
{
    private const int MostSteps = 6;

    /// <summary>Reads a Mul; null where neither of its inputs is computed of the other, element by element.</summary>
    public static Gate? Of(Graph graph, Node product)
    {
        if (!product.Is("Mul")) return null;
        return Walk(graph, product.Inputs[1], product.Inputs[0]) ?? Walk(graph, product.Inputs[0], product.Inputs[1]);
    }

    private static Gate? Walk(Graph graph, string from, string to)
    {
        if (from == to) return null;
        for (var step = 0; step < MostSteps; step++)
        {
            if (graph.ProducerOf(from) is not { Domain: "", Outputs.Length: 1 } node || !IsElementwise(node)) return null;
            if (node.Inputs.Where(i => i.Length > 0 && graph.Constant(i) is null).Distinct().ToArray() is not [var only]) return null;
            if (only == to) return new Gate(to, node);
            from = only;
        }
        return null;
    }

    private static bool IsElementwise(Node node) =>
        node.OpType is "Sigmoid" or "HardSigmoid" or "Tanh" or "Erf" or "Softplus" or "Clip" or "Add" or "Sub" or "Mul" or "Div" or "Relu";
}
