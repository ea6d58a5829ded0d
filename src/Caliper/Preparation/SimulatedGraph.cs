using Caliper.Graphs;
using Caliper.Numerics;
using Caliper.Operators;

namespace Caliper.Preparation;

/// <summary>
/// The float network with rounding where the int8 network will round: weights take their int8 values at once, activations
/// go through <see cref="SwitchedRounding"/>. A tensor whose observer has seen nothing yet passes unrounded.
/// </summary>
internal static class SimulatedGraph
{
    public static Model Of(PreparedModel prepared)
    {
        var model = prepared.Fused.Model;
        var graph = model.Graph;
        var nodes = new List<Node>();
        var inputs = new List<Value>();
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (site, observer) in prepared.Observers)
        {
            var rounding = new SwitchedRounding(site.Id);
            inputs.AddRange(rounding.Inputs(observer.Type));
            foreach (var value in site.Values.Where(v => Rounds(prepared.Plan, v))) renamed[value] = rounding.Append(nodes, value);
        }
        // Readers take the rounded value; what makes it, the observer and a graph output of that name keep the float one.
        foreach (var node in graph.Nodes)
            nodes.Add(node with { Inputs = [.. node.Inputs.Select(i => renamed.GetValueOrDefault(i, i))] });

        var initializers = graph.Initializers;
        foreach (var ((name, _), parameters) in prepared.WeightParameters)
        {
            var rounded = Quantizer.Dequantize(Quantizer.Quantize(graph.Constant(name)!, parameters), parameters);
            initializers = initializers.SetItem(name, rounded);
        }
        return model with { Graph = graph.With(nodes, initializers, graph.Inputs.AddRange(inputs)) };
    }

    /// <summary>A value that is only moved or joined is made of values that are rounded already.</summary>
    private static bool Rounds(QuantizationPlan plan, string value) =>
        !plan.Layers.Any(l => l is { IsInteger: true, Role: OperatorRole.PassThrough or OperatorRole.Join } && l.Layer.Outputs.Contains(value));
}
