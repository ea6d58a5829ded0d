using System.Collections.Immutable;
using Caliper.Graphs;
using Caliper.Onnx.Schema;
using Caliper.Operators;

namespace Caliper.Onnx.Upgrades;

/// <summary>
/// Puts the branches of each If among the other nodes (<see cref="Conditional"/>), under names of their own, so that their layers are fused,
/// observed and quantized as all others. Of an If whose condition is constant the one branch is left. One whose branches hold a Loop or a
/// Scan stays as it is: those name what they read in bytes of their own.
/// </summary>
internal static class BranchFlattening
{
    // An If of ten Ifs of ten Ifs … is a small file.
    private const int MostNodes = 100_000;

    /// <summary>The same network; itself where there is nothing to do.</summary>
    public static Model Apply(Model model) =>
        Apply(model.Graph) is var graph && ReferenceEquals(graph, model.Graph) ? model : model with { Graph = graph };

    /// <inheritdoc cref="Apply(Model)"/>
    public static Graph Apply(Graph graph) => graph.Nodes.Any(n => n.Is("If")) ? new Flattening(graph).Result() : graph;

    /// <summary>The same network with the one branch of each If whose condition is constant; itself where there is none.</summary>
    public static Graph Choose(Graph graph)
    {
        if (!graph.Nodes.Any(n => IsChosen(graph, n))) return graph;
        var nodes = graph.Nodes.SelectMany(n => IsChosen(graph, n)
            ? Chosen(n.Name, n.Outputs, [.. new Conditional(n).Arm(IsTrue(graph, n.Inputs[0])!.Value)]) : [n]).ToArray();
        return WithoutUnread(graph.With(nodes));
    }

    private static bool IsChosen(Graph graph, Node node) => Conditional.Is(node) && IsTrue(graph, node.Inputs[0]) is not null;

    private static bool? IsTrue(Graph graph, string condition) =>
        graph.Constant(condition) is { Type: ElementType.Boolean, Count: 1 } known ? known.Bytes.Span[0] != 0 : null;

    private static IEnumerable<Node> Chosen(string name, IReadOnlyList<string> outputs, string[] results) =>
        outputs.Select((output, i) => new Node($"{name}/{i}", "Identity", [results[i]], [output])).Where(n => n.Output.Length > 0);

    private static Graph WithoutUnread(Graph graph)
    {
        var read = graph.Outputs.Select(o => o.Name).ToHashSet(StringComparer.Ordinal);
        var kept = new List<Node>();
        foreach (var node in graph.Nodes.Reverse())
        {
            if (!node.Outputs.Any(read.Contains)) continue;
            kept.Add(node);
            read.UnionWith(node.Reads());
        }
        kept.Reverse();
        return graph.With(kept);
    }

    private sealed class Flattening(Graph graph)
    {
        private readonly HashSet<string> _taken = [.. graph.Inputs.Select(i => i.Name), .. graph.Initializers.Keys,
            .. graph.Nodes.SelectMany(n => n.Outputs)];
        private readonly List<Node> _nodes = [];
        private readonly List<Value> _values = [.. graph.Intermediates];
        private ImmutableSortedDictionary<string, Tensor> _initializers = graph.Initializers;
        private bool _isChanged;

        public Graph Result()
        {
            foreach (var node in graph.Nodes)
            {
                if (!node.Is("If") || !TakeApart(node)) _nodes.Add(node);
                if (_nodes.Count > MostNodes) throw new CaliperException($"The branches of the model expand to more than {MostNodes} nodes.");
            }
            return _isChanged ? graph.With(_nodes, _initializers, intermediates: _values) : graph;
        }

        private bool TakeApart(Node node)
        {
            if (node.Inputs.Length != 1 || IsMistakable(node.Name)) return false;
            var known = IsTrue(graph, node.Inputs[0]);
            var (then, otherwise) = (BodyOf(node, "then_branch"), BodyOf(node, "else_branch"));
            if (known is { } isTrue)
            {
                if ((isTrue ? then : otherwise) is not { } one) return false;
                _nodes.AddRange(Chosen(node.Name, node.Outputs, Add(one, Conditional.PrefixOf(node.Name, isTrue))));
                return _isChanged = true;
            }
            if (then is null || otherwise is null) return false;
            var used = node.Outputs.Index().Where(o => o.Item.Length > 0).ToArray();
            var (first, second) = (Add(then, Conditional.PrefixOf(node.Name, true)), Add(otherwise, Conditional.PrefixOf(node.Name, false)));
            _nodes.Add(Conditional.Make(node.Name, node.Inputs[0], used.Select(o => first[o.Index]), used.Select(o => second[o.Index]),
                [.. used.Select(o => o.Item)]));
            return _isChanged = true;
        }

        /// <summary>Whether a result of the network would be taken for a value of one of its branches.</summary>
        private bool IsMistakable(string name) => graph.Outputs.Any(o => o.Name.StartsWith(Conditional.PrefixOf(name, true), StringComparison.Ordinal)
            || o.Name.StartsWith(Conditional.PrefixOf(name, false), StringComparison.Ordinal));

        /// <summary>Puts a branch's nodes among the others; returns what its results are called.</summary>
        private string[] Add(Graph body, string prefix)
        {
            var names = body.Nodes.SelectMany(n => n.Outputs).Where(o => o.Length > 0).Concat(body.Initializers.Keys)
                .ToDictionary(name => name, name => Free(name.StartsWith(prefix, StringComparison.Ordinal) ? name : prefix + name),
                    StringComparer.Ordinal);
            _initializers = _initializers.AddRange(body.Initializers.Select(i => KeyValuePair.Create(names[i.Key], i.Value)));
            _values.AddRange(body.Intermediates.Concat(body.Outputs).Where(v => names.ContainsKey(v.Name))
                .Select(v => v with { Name = names[v.Name] }));
            foreach (var node in body.Nodes) _nodes.Add(Renamed(node, prefix, names));
            return [.. body.Outputs.Select(o => names.GetValueOrDefault(o.Name, o.Name))];
        }

        private static Node Renamed(Node node, string prefix, Dictionary<string, string> names)
        {
            var renamed = node with
            {
                Name = Within(node.Name),
                Inputs = [.. node.Inputs.Select(i => names.GetValueOrDefault(i, i))],
                Outputs = [.. node.Outputs.Select(o => names.GetValueOrDefault(o, o))],
            };
            return Conditional.Is(node) ? renamed.With("then", Within(node.Text("then", ""))).With("else", Within(node.Text("else", ""))) : renamed;

            string Within(string name) => name.StartsWith(prefix, StringComparison.Ordinal) ? name : prefix + name;
        }

        private string Free(string wanted)
        {
            var name = wanted;
            for (var i = 2; !_taken.Add(name); i++) name = $"{wanted}_{i}";
            return name;
        }

        /// <summary>A branch as a graph, what it reads from around it being its inputs; null where it cannot be taken apart.</summary>
        private Graph? BodyOf(Node node, string name)
        {
            if (node.Attributes.GetValueOrDefault(name) is not AttributeValue.Subgraph body) return null;
            if (AttributeProto.Parser.ParseFrom(body.Encoded.Span).G is not { Input.Count: 0 } proto) return null;
            var captured = body.Captured.Select(c => graph.Find(c) ?? new Value(c, ElementType.Undefined, null));
            var read = Apply(new GraphReader(new ExternalDataReader()).Read(proto, captured));
            return read.Outputs.Length != node.Outputs.Length || read.Nodes.Any(n => n.Attributes.Values.Any(a => a is AttributeValue.Subgraph))
                ? null : read;
        }
    }
}
