using Caliper.Onnx.Schema;

namespace Caliper.Onnx;

/// <summary>Finds what the body of a control-flow operator reads from the graph around it.</summary>
internal static class Captures
{
    /// <summary>Names read inside and not defined there, each once, in order of first use, from inner bodies too.</summary>
    public static IEnumerable<string> Of(AttributeProto attribute)
    {
        var found = new List<string>();
        if (attribute.G is not null) found.AddRange(Of(attribute.G));
        foreach (var graph in attribute.Graphs) found.AddRange(Of(graph));
        return found.Distinct();
    }

    private static List<string> Of(GraphProto graph)
    {
        var defined = new HashSet<string>(StringComparer.Ordinal);
        defined.UnionWith(graph.Input.Select(i => i.Name));
        defined.UnionWith(graph.Initializer.Select(i => i.Name));
        defined.UnionWith(graph.SparseInitializer.Select(i => i.Values?.Name ?? ""));
        defined.UnionWith(graph.Node.SelectMany(n => n.Output));
        var read = graph.Node.SelectMany(n => n.Input.Concat(n.Attribute.SelectMany(Of)))
            .Concat(graph.Output.Select(o => o.Name));
        return [.. read.Where(name => name.Length > 0 && !defined.Contains(name))];
    }
}
