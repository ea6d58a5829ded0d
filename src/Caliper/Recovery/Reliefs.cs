using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>
/// Readers that get a value undone, multiplied by its factors again, so that the value may be divided for the sake of all others: what a
/// gate g(x) reads in x·g(x), and what a float layer reads of a value that float layers make and int8 products read, as the sum around a
/// transformer's block does.
/// </summary>
internal sealed class Reliefs
{
    private readonly Dictionary<Node, string> _of = new(ReferenceEqualityComparer.Instance);

    /// <summary>Finds them.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="plan">What is int8.</param>
    /// <param name="classes">Where channels lie.</param>
    /// <param name="throughGates">Whether gates between int8 values are among them.</param>
    public Reliefs(Graph graph, QuantizationPlan plan, ChannelClasses classes, bool throughGates)
    {
        var floats = plan.Layers.Where(l => !l.IsInteger).SelectMany(l => l.Layer.Nodes).ToHashSet(ReferenceEqualityComparer.Instance);
        foreach (var product in graph.Nodes)
        {
            if (Gate.Of(graph, product) is not var (value, entry) || classes.AxisOf(value) is not { } place) continue;
            // In int8 a product with one factor a channel has one scale for all of them; a depthwise convolution has one for each.
            var isImage = graph.Find(value)!.Shape!.Value.Rank == 4;
            if (throughGates && place.Axis == 1 && isImage || floats.Contains(entry)) _of[entry] = value;
        }
        foreach (var layer in plan.Layers.Where(l => l is { Role: OperatorRole.Linear, IsInteger: true }))
        {
            var value = layer.Layer.Operation.Inputs[0];
            if (graph.ProducerOf(value) is not { } maker || !floats.Contains(maker) || graph.IsOutput(value)) continue;
            foreach (var reader in graph.ConsumersOf(value).Where(floats.Contains)) _of.TryAdd(reader, value);
        }
    }

    /// <summary>The value that a node reads undone, or null.</summary>
    public string? Of(Node node) => _of.GetValueOrDefault(node);

    /// <summary>All nodes and the values they read undone.</summary>
    public IEnumerable<KeyValuePair<Node, string>> All => _of;
}
