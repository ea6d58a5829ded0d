using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Caliper.Operators;
using Google.Protobuf;

namespace Caliper.Onnx.Upgrades;

/// <summary>
/// Takes an If apart, for who runs a plan that is always the same: both branches are computed, and Where chooses between their results;
/// of a condition that is known only the one branch is left. Operators have no effect but their results, so that nobody can tell.
/// </summary>
internal static class BranchInlining
{
    // An If of ten Ifs of ten Ifs … is a small file.
    private const int MostNodes = 100_000;

    /// <summary>The graph without Ifs, where they can go, and what each Where chooses from: two values that must have one shape. Bodies within
    /// a branch come out, and may go the next time.</summary>
    /// <param name="graph">The graph.</param>
    /// <param name="isKept">Which Ifs stay, unless their condition is known.</param>
    public static (Graph Graph, IReadOnlyList<(Node If, string Then, string Else)> Choices) Inline(Graph graph, Predicate<Node> isKept)
    {
        var choices = new List<(Node, string, string)>();
        var initializers = graph.Initializers;
        var nodes = new List<Node>();
        foreach (var node in graph.Nodes)
        {
            if (node.Is("If") && Inlined(graph, node, isKept(node), ref initializers, choices) is { } made) nodes.AddRange(made);
            else nodes.Add(node);
            if (nodes.Count > MostNodes) throw new CaliperException($"The branches of the model expand to more than {MostNodes} nodes.");
        }
        return choices.Count == 0 && nodes.SequenceEqual(graph.Nodes, ReferenceEqualityComparer.Instance) ? (graph, choices)
            : (graph.With(nodes, initializers: initializers), choices);
    }

    private static List<Node>? Inlined(Graph graph, Node node, bool isKept, ref ImmutableSortedDictionary<string, Tensor> initializers,
        List<(Node, string, string)> choices)
    {
        if (node.Inputs.Length != 1) return null;
        var nodes = new List<Node>();
        if (graph.Constant(node.Inputs[0]) is { Type: ElementType.Boolean, Count: 1 } known)
        {
            var isFirst = known.Bytes.Span[0] != 0;
            if (BodyOf(graph, node, isFirst ? "then_branch" : "else_branch") is not { } only
                || only.Outputs.Length != node.Outputs.Length) return null;
            var results = Add(node, only, isFirst ? "then" : "else", nodes, ref initializers);
            for (var i = 0; i < results.Length; i++)
                if (node.Outputs[i].Length > 0) nodes.Add(new Node($"{node.Name}/{i}", "Identity", [results[i]], [node.Outputs[i]]));
            return nodes;
        }
        if (isKept || BodyOf(graph, node, "then_branch") is not { } first || BodyOf(graph, node, "else_branch") is not { } second) return null;
        if (first.Outputs.Length != node.Outputs.Length || second.Outputs.Length != node.Outputs.Length) return null;
        if (!MayAlwaysRun(first) || !MayAlwaysRun(second)) return null;
        var (then, otherwise) = (Add(node, first, "then", nodes, ref initializers), Add(node, second, "else", nodes, ref initializers));
        for (var i = 0; i < node.Outputs.Length; i++)
        {
            if (node.Outputs[i].Length == 0) continue;
            nodes.Add(new Node($"{node.Name}/{i}", "Where", [node.Inputs[0], then[i], otherwise[i]], [node.Outputs[i]]));
            choices.Add((node, then[i], otherwise[i]));
        }
        return nodes;
    }

    /// <summary>Puts a branch's nodes among the others under names of their own; returns what its results are called.</summary>
    private static string[] Add(Node node, Graph body, string branch, List<Node> nodes, ref ImmutableSortedDictionary<string, Tensor> initializers)
    {
        var prefix = $"{node.Name}/{branch}/";
        var names = body.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).Concat(body.Initializers.Keys)
            .ToDictionary(name => name, Within, StringComparer.Ordinal);
        initializers = initializers.AddRange(body.Initializers.Select(i => KeyValuePair.Create(names[i.Key], i.Value)));
        nodes.AddRange(body.Nodes.Select(n => n with
        {
            Name = Within(n.Name),
            Inputs = [.. n.Inputs.Select(Renamed)],
            Outputs = [.. n.Outputs.Select(Renamed)],
            Attributes = n.Attributes.ToImmutableSortedDictionary(a => a.Key,
                a => a.Value is AttributeValue.Subgraph inner ? Renaming(inner) : a.Value,
                StringComparer.Ordinal),
        }));
        return [.. body.Outputs.Select(o => Renamed(o.Name))];

        AttributeValue.Subgraph Renaming(AttributeValue.Subgraph inner)
        {
            var proto = AttributeProto.Parser.ParseFrom(inner.Encoded.Span);
            Captures.Rename(proto, names);
            return new([.. inner.Captured.Select(Renamed)], proto.ToByteArray());
        }

        string Renamed(string name) => names.GetValueOrDefault(name, name);

        // Caliper's own files have names that say where they lie.
        string Within(string name) => name.StartsWith(prefix, StringComparison.Ordinal) ? name : prefix + name;
    }

    private static Graph? BodyOf(Graph graph, Node node, string name) =>
        node.Attributes.GetValueOrDefault(name) is AttributeValue.Subgraph body ? BodyReader.Read(graph, body) : null;

    /// <summary>Whether a branch may run where the other one would have been taken: nothing of it can fail, as an index outside of a table can,
    /// and none of it takes long.</summary>
    private static bool MayAlwaysRun(Graph body) => body.Nodes.All(n => n.OpType switch
    {
        "Gather" => n.Input(1) is { Length: > 0 } indices && body.Constant(indices) is not null,
        _ => OperatorCatalogue.Find(n) is not ({ Product: not null } or { EndsPlan: true } or { StaysInBranch: true })
            && !n.Attributes.Values.Any(a => a is AttributeValue.Subgraph),
    });
}
