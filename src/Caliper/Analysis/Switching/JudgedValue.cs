using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Analysis.Switching;

/// <summary>
/// A value by which noise is judged: an output, or what an output's last Softmax or Sigmoid reads. After such a function values lie
/// at 0 or 1, and where there are few, whether noise shows there is luck. Of what a Softmax reads only differences count.
/// </summary>
/// <param name="Name">The value.</param>
/// <param name="DifferencesAlong">The axis along which only differences count, which may be negative; null where all counts.</param>
internal sealed record JudgedValue(string Name, int? DifferencesAlong)
{
    /// <summary>An output as it is.</summary>
    public static JudgedValue Of(string output) => new(output, null);

    /// <summary>What an output's last Softmax or Sigmoid reads; the output itself where it does not come of one alone, or a product comes
    /// after.</summary>
    public static JudgedValue Before(Graph graph, string output)
    {
        var places = graph.Nodes.Index().ToDictionary(n => n.Item, n => n.Index, (IEqualityComparer<Node>)ReferenceEqualityComparer.Instance);
        HashSet<string> of = [output];
        while (of.Count > 0)
        {
            if (of.Select(graph.ProducerOf).OfType<Node>().OrderBy(n => places[n]).LastOrDefault() is not { } last) break;
            if (of.Count == 1 && IsLast(graph, last)) return new(last.Inputs[0], last.Is("Softmax") ? (int)last.Int("axis", -1) : null);
            if (OperatorRoles.Of(last) == OperatorRole.Linear) break;
            // From the last on backwards: who is met has met all that come of it.
            of.ExceptWith(last.Outputs);
            of.UnionWith(last.Reads().Where(r => graph.Constant(r) is null));
        }
        return Of(output);
    }

    private static bool IsLast(Graph graph, Node node) =>
        (node.Is("Softmax") || node.Is("Sigmoid") || node.Is("HardSigmoid")) && graph.ProducerOf(node.Inputs[0]) is not null;

    /// <summary>Its elements, as far as they count.</summary>
    public float[] Read(Tensor tensor)
    {
        var values = tensor.Span<float>().ToArray();
        var rank = tensor.Shape.Rank;
        if (DifferencesAlong is not { } axis || axis < -rank || axis >= rank || values.Length == 0) return values;
        var at = axis < 0 ? axis + rank : axis;
        var length = (int)tensor.Shape[at].Length;
        var inner = 1;
        for (var i = at + 1; i < rank; i++) inner *= (int)tensor.Shape[i].Length;
        for (var row = 0; row < values.Length / length; row++)
        {
            var (first, mean) = (row / inner * length * inner + row % inner, 0d);
            for (var i = 0; i < length; i++) mean += values[first + i * inner];
            for (var i = 0; i < length; i++) values[first + i * inner] -= (float)(mean / length);
        }
        return values;
    }
}
