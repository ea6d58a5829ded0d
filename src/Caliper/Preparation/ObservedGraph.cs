using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>The network with every observed value as an output, so that observers can see it.</summary>
internal static class ObservedGraph
{
    public static Model Of(Model model, IEnumerable<string> observed)
    {
        var graph = model.Graph;
        var inputs = graph.Inputs.Select(i => i.Name).ToHashSet(StringComparer.Ordinal);
        var exposed = observed.Where(v => !inputs.Contains(v) && !graph.IsOutput(v))
            .Select(v => graph.Find(v) ?? new Value(v, ElementType.Float32, null));
        return model with { Graph = graph.With(outputs: [.. graph.Outputs, .. exposed]) };
    }
}
