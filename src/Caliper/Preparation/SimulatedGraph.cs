using Caliper.Graphs;
using Caliper.Numerics;

namespace Caliper.Preparation;

/// <summary>
/// The float network with rounding where the int8 network will round: weights take their int8 values at once, activations
/// go through QuantizeLinear and DequantizeLinear whose scale and zero point are graph inputs, so that they can change from
/// call to call. A tensor whose observer has seen nothing yet passes unrounded.
/// </summary>
internal static class SimulatedGraph
{
    private const string Scale = "/scale", ZeroPoint = "/zero_point", Ready = "/ready";

    public static Model Of(PreparedModel prepared)
    {
        var model = prepared.Fused.Model;
        var graph = model.Graph;
        var nodes = new List<Node>();
        var inputs = new List<Value>();
        var renamed = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (site, observer) in prepared.Observers)
        {
            inputs.Add(new Value(site.Id + Scale, ElementType.Float32, Shape.Scalar));
            inputs.Add(new Value(site.Id + ZeroPoint, observer.Type.Storage, Shape.Scalar));
            inputs.Add(new Value(site.Id + Ready, ElementType.Boolean, Shape.Scalar));
            foreach (var value in site.Values.Where(v => Rounds(prepared.Plan, v)))
            {
                renamed[value] = value + "/rounded";
                nodes.Add(new Node(value + "/q", "QuantizeLinear", [value, site.Id + Scale, site.Id + ZeroPoint], [value + "/q"]));
                nodes.Add(new Node(value + "/dq", "DequantizeLinear", [value + "/q", site.Id + Scale, site.Id + ZeroPoint], [value + "/dq"]));
                nodes.Add(new Node(value + "/rounded", "Where", [site.Id + Ready, value + "/dq", value], [value + "/rounded"]));
            }
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

    /// <summary>Writes what an observer proposes now, null for nothing yet, where the graph reads it.</summary>
    public static void SetParameters(
        Dictionary<string, Tensor> values, ObservationSite site, QuantizedType type, QuantizationParameters? parameters)
    {
        values[site.Id + Scale] = Tensor.Scalar(parameters?.Scale ?? 1f);
        values[site.Id + ZeroPoint] = type.Storage == ElementType.Int8
            ? Tensor.Scalar((sbyte)(parameters?.ZeroPoint ?? 0)) : Tensor.Scalar((byte)(parameters?.ZeroPoint ?? 0));
        values[site.Id + Ready] = Tensor.Scalar(parameters is not null);
    }

    /// <summary>A value that is only moved or joined is made of values that are rounded already.</summary>
    private static bool Rounds(QuantizationPlan plan, string value) =>
        !plan.Layers.Any(l => l is { IsInteger: true, Role: OperatorRole.PassThrough or OperatorRole.Join } && l.Layer.Outputs.Contains(value));
}
