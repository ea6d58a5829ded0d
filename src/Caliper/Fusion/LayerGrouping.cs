using System.Collections.Immutable;
using Caliper.Fusion.Composites;
using Caliper.Graphs;
using Caliper.Operators;

namespace Caliper.Fusion;

/// <summary>Joins the pieces of one operation, and each bias, Relu or Clip to the operation that alone feeds it, and names the layers.</summary>
internal static class LayerGrouping
{
    private const string WeightSuffix = ".weight";

    public static ImmutableArray<Layer> Of(Graph graph)
    {
        var composites = Composite.AllOf(graph).ToDictionary(c => c.Nodes[^1]);
        var joined = composites.Values.SelectMany(c => c.Nodes.SkipLast(1)).ToHashSet();
        var names = new HashSet<string>(StringComparer.Ordinal);
        var layers = ImmutableArray.CreateBuilder<Layer>();
        foreach (var node in graph.Nodes.Where(n => !joined.Contains(n)))
        {
            if (composites.TryGetValue(node, out var composite))
            {
                layers.Add(new Layer(NameOf(graph, composite, names), node, null, null) { Composite = composite });
                continue;
            }
            var bias = Follower(graph, node, next => !IsPart(next) && AddsBias(graph, node, next));
            var last = bias ?? node;
            var activation = OperatorCatalogue.Find(node) is { JoinsActivation: true }
                ? Follower(graph, last, next => !IsPart(next) && ActivationRange.Of(graph, next) is not null) : null;
            if (bias is not null) joined.Add(bias);
            if (activation is not null) joined.Add(activation);
            layers.Add(new Layer(NameOf(graph, node, names), node, bias, activation) { ProductOfActivations = AttentionProduct.KindOf(graph, node) });
        }
        return layers.ToImmutable();

        bool IsPart(Node node) => joined.Contains(node) || composites.ContainsKey(node);
    }

    /// <summary>The node that alone reads a node's result, where it is of the wanted kind.</summary>
    private static Node? Follower(Graph graph, Node node, Func<Node, bool> isWanted) =>
        node.Outputs.Length > 0 && graph.HasSingleConsumer(node.Output)
            && graph.ConsumersOf(node.Output) is [var next] && isWanted(next) ? next : null;

    /// <summary>A MatMul over more than two axes cannot become a Gemm; its bias stays an Add of one value an output.</summary>
    private static bool AddsBias(Graph graph, Node node, Node next)
    {
        if (OperatorCatalogue.ProductOf(node) is not ProductKind.MatMul || !next.Is("Add")) return false;
        if (graph.Constant(node.Inputs[1]) is not { Shape.Rank: 2 } weights) return false;
        var bias = graph.Constant(next.Inputs[0] == node.Output ? next.Inputs[1] : next.Inputs[0]);
        return bias is { Type: ElementType.Float32 } && bias.Shape == Shape.Of(weights.Shape[1].Length);
    }

    /// <summary>The module of its gain where the file tells it, else the one that its pieces lie in, else the last piece's name.</summary>
    private static string NameOf(Graph graph, Composite composite, HashSet<string> taken)
    {
        var weights = composite.Nodes.SelectMany(n => n.Inputs)
            .Where(i => graph.Constant(i) is not null && i.EndsWith(WeightSuffix, StringComparison.Ordinal));
        if (weights.Select(w => w[..^WeightSuffix.Length]).FirstOrDefault(taken.Add) is { } module) return module;
        var last = composite.Nodes[^1].Name;
        if (last.StartsWith('/') && last.LastIndexOf('/') is var end and > 0 && ModulePath(last[1..end]) is var path && taken.Add(path)) return path;
        return NameOf(graph, composite.Nodes[^1], taken);
    }

    /// <summary>
    /// A weight is named after its module in every exporter that keeps names; else torch.onnx names the node
    /// <c>/layer1/layer1.0/conv1/Conv</c>: the enclosing modules, then the operator.
    /// </summary>
    private static string NameOf(Graph graph, Node node, HashSet<string> taken)
    {
        var hasWeight = graph.Constant(node.Input(1)) is not null;
        if (hasWeight && node.Inputs[1].EndsWith(WeightSuffix, StringComparison.Ordinal) && taken.Add(node.Inputs[1][..^WeightSuffix.Length]))
            return node.Inputs[1][..^WeightSuffix.Length];
        if (node.Name.StartsWith('/') && node.Name.LastIndexOf('/') is var end and > 0)
        {
            var module = ModulePath(node.Name[1..end]);
            if (hasWeight && OperatorCatalogue.Find(node) is { JoinsActivation: true } && taken.Add(module)) return module;
            if (taken.Add(module + "." + node.Name[(end + 1)..])) return module + "." + node.Name[(end + 1)..];
        }
        taken.Add(node.Name);
        return node.Name;
    }

    /// <summary>Modules of a list repeat the list's own path: <c>features/features.1/conv/conv.0/conv.0.0</c>.</summary>
    private static string ModulePath(string scopes)
    {
        var (around, local) = ("", "");
        foreach (var scope in scopes.Split('/'))
        {
            var repeats = local.Length > 0 && scope.StartsWith(local + ".", StringComparison.Ordinal);
            if (!repeats && local.Length > 0) around += local + ".";
            local = scope;
        }
        return around + local;
    }
}
