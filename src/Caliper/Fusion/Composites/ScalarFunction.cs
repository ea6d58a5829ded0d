using Caliper.Graphs;

namespace Caliper.Fusion.Composites;

/// <summary>What nodes make of one number of a channel, where all they combine it with are numbers, and factors that channels are divided
/// by.</summary>
internal static class ScalarFunction
{
    /// <summary>Whether a node makes each value of the values in its place, of single constant numbers and of factors.</summary>
    public static bool CanCompute(OrderedGraph graph, Node node) => node is { Domain: "", Outputs.Length: 1 } && node.OpType switch
    {
        "Erf" or "Tanh" => true,
        "Mul" when node.Inputs.Any(i => graph.FactorsOf(i) is not null) => true,
        "Add" or "Sub" or "Mul" or "Div" or "Pow" => node.Inputs.All(i => graph.IsActivation(i) || graph.NumberOf(i) is not null),
        _ => false,
    };

    /// <summary>What the values of a channel are multiplied by before a node sees them.</summary>
    public static double FactorBefore(OrderedGraph graph, Region region, Node node, int channel)
    {
        var (needed, factor) = (node.Inputs.ToHashSet(StringComparer.Ordinal), 1.0);
        foreach (var before in region.Nodes.Reverse().Where(n => needed.Contains(n.Output)))
        {
            needed.UnionWith(before.Inputs);
            foreach (var factors in before.Inputs.Select(graph.FactorsOf).OfType<float[]>()) factor *= factors[channel % factors.Length];
        }
        return factor;
    }

    /// <summary>What a region that can be computed makes of one number.</summary>
    public static double Value(OrderedGraph graph, Region region, double source, int channel)
    {
        var values = new Dictionary<string, double>(StringComparer.Ordinal) { [region.Source] = source };
        foreach (var node in region.Nodes)
            values[node.Output] = Apply(node, ValueOf(node.Input(0)), node.Inputs.Length > 1 ? ValueOf(node.Input(1)) : 0);
        return values[region.Result];

        double ValueOf(string name) => values.TryGetValue(name, out var value) ? value
            : graph.NumberOf(name) ?? graph.FactorsOf(name)![channel % graph.FactorsOf(name)!.Length];
    }

    private static double Apply(Node node, double a, double b) => node.OpType switch
    {
        "Erf" => Erf(a),
        "Tanh" => Math.Tanh(a),
        "Add" => a + b,
        "Sub" => a - b,
        "Mul" => a * b,
        "Div" => a / b,
        _ => Math.Pow(a, b),
    };

    /// <summary>x · Φ(x), within 0.0004 of x.</summary>
    public static double Gelu(double x) => x * (1 + Erf(x / Math.Sqrt(2))) / 2;

    /// <summary>Within 0.0004; Hendrycks and Gimpel, "Gaussian Error Linear Units", 2016.</summary>
    public static double Erf(double x) => Math.Tanh(Math.Sqrt(2 / Math.PI) * Math.Sqrt(2) * (x + (0.08943 * x * x * x)));
}
