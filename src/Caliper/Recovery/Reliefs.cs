using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>
/// Float operations that get a value undone, multiplied by its factors again, so that the value may be divided for the sake of all others:
/// a gate g(x) of a product x·g(x), and what reads a value that float layers make and int8 products read, as the sum around a transformer's
/// block does.
/// </summary>
internal static class Reliefs
{
    /// <summary>The operations, by the name of their first output, and the values that they read undone.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="plan">What is int8.</param>
    public static ImmutableSortedDictionary<string, string> Of(Graph graph, QuantizationPlan plan)
    {
        var all = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var floats = plan.Layers.Where(l => !l.IsInteger).SelectMany(l => l.Layer.Nodes).ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var product in graph.Nodes)
            if (Gate.Of(graph, product) is var (value, entry) && floats.Contains(entry)) all[entry.Output] = value;
        foreach (var layer in plan.Layers.Where(l => l is { Role: OperatorRole.Linear, IsInteger: true }))
        {
            var value = layer.Layer.Operation.Inputs[0];
            if (graph.ProducerOf(value) is not { } maker || !floats.Contains(maker) || graph.IsOutput(value)) continue;
            foreach (var reader in graph.ConsumersOf(value).Where(floats.Contains)) all.TryAdd(reader.Output, value);
        }
        return all.ToImmutable();
    }
}
