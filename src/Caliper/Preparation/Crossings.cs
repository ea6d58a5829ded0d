using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>
/// How often the converted network changes between float and int8. A value that several layers read in the other form is
/// converted once. What the QDQ form writes around an int8 layer is part of that layer and no crossing.
/// </summary>
/// <param name="ToInt8">Float values that an int8 layer reads: each takes a QuantizeLinear.</param>
/// <param name="ToFloat">Int8 values that a float layer reads or the network returns: each takes a DequantizeLinear.</param>
internal readonly record struct Crossings(int ToInt8, int ToFloat)
{
    /// <summary>Follows the plan layer by layer, as conversion does, and notes in which forms each value exists.</summary>
    public static Crossings Of(Graph graph, QuantizationPlan plan)
    {
        var floats = graph.Inputs.Select(i => i.Name).Concat(graph.Initializers.Keys).ToHashSet(StringComparer.Ordinal);
        var integers = new HashSet<string>(StringComparer.Ordinal);
        var (toInt8, toFloat) = (0, 0);
        foreach (var layer in plan.Layers)
        {
            if (!layer.IsInteger)
            {
                foreach (var node in layer.Layer.Nodes)
                {
                    toFloat += node.Reads().Count(floats.Add);
                    floats.UnionWith(node.Outputs);
                }
                continue;
            }
            var activations = OperatorRoles.DataInputs(layer.Layer.Operation).Where(i => i.Length > 0 && graph.Constant(i) is null);
            toInt8 += activations.Count(integers.Add);
            (layer.GivesFloat ? floats : integers).UnionWith(layer.Layer.Outputs);
        }
        toFloat += graph.Outputs.Count(o => floats.Add(o.Name));
        return new Crossings(toInt8, toFloat);
    }
}
