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

    /// <summary>Gives names that a body reads from around it other names, in inner bodies too.</summary>
    /// <exception cref="CaliperException">The body has a value of a new name itself.</exception>
    public static void Rename(AttributeProto attribute, IReadOnlyDictionary<string, string> names)
    {
        if (attribute.G is not null) Rename(attribute.G, names);
        foreach (var graph in attribute.Graphs) Rename(graph, names);
    }

    private static void Rename(GraphProto graph, IReadOnlyDictionary<string, string> names)
    {
        var defined = DefinedIn(graph);
        var outer = names.Where(n => !defined.Contains(n.Key)).ToDictionary(StringComparer.Ordinal);
        if (outer.Values.FirstOrDefault(defined.Contains) is { } twice)
            throw new CaliperException($"The value '{twice}' is there twice, in a body and around it.");
        foreach (var node in graph.Node)
        {
            for (var i = 0; i < node.Input.Count; i++) node.Input[i] = outer.GetValueOrDefault(node.Input[i], node.Input[i]);
            foreach (var attribute in node.Attribute) Rename(attribute, outer);
        }
        foreach (var output in graph.Output) output.Name = outer.GetValueOrDefault(output.Name, output.Name);
    }

    private static List<string> Of(GraphProto graph)
    {
        var defined = DefinedIn(graph);
        var read = graph.Node.SelectMany(n => n.Input.Concat(n.Attribute.SelectMany(Of)))
            .Concat(graph.Output.Select(o => o.Name));
        return [.. read.Where(name => name.Length > 0 && !defined.Contains(name))];
    }

    private static HashSet<string> DefinedIn(GraphProto graph)
    {
        var defined = new HashSet<string>(StringComparer.Ordinal);
        defined.UnionWith(graph.Input.Select(i => i.Name));
        defined.UnionWith(graph.Initializer.Select(i => i.Name));
        defined.UnionWith(graph.SparseInitializer.Select(i => i.Values?.Name ?? ""));
        defined.UnionWith(graph.Node.SelectMany(n => n.Output));
        return defined;
    }
}
