using System.Collections.Immutable;
using Caliper.Fusion;
using Caliper.Graphs;
using Caliper.Operators;
using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>
/// Products that divide the channels of what they read for themselves, just before it is rounded for them. Where a value cannot be divided,
/// because a sum, a gate or an output reads it too, each product may still have a scale for every channel: its weights take the factors,
/// and a multiplication in float is all it costs.
/// </summary>
internal static class DividedReads
{
    /// <summary>The int8 products, by their output, that read what is not divided freely where it is made.</summary>
    public static ImmutableArray<string> Candidates(Graph graph, ChannelClasses classes, QuantizationPlan plan)
    {
        var floats = plan.Layers.Where(l => !l.IsInteger).SelectMany(l => l.Layer.Nodes).ToHashSet(ReferenceEqualityComparer.Instance);
        return
        [
            .. plan.Layers.Where(l => l is { IsInteger: true, Role: OperatorRole.Linear }).Select(l => l.Layer.Operation)
                .Where(n => LinearPassage.Of(graph, classes, n) is not null && !IsDivided(n.Inputs[0])).Select(n => n.Output),
        ];

        // What float layers make is divided for the products, and undone for all others.
        bool IsDivided(string value) => graph.ProducerOf(value) is { } maker && (floats.Contains(maker) || IsFree(value, maker));

        bool IsFree(string value, Node maker) => !graph.IsOutput(value) && graph.HasSingleConsumer(value)
            && (LinearPassage.Of(graph, classes, maker) is not null || NormPassage.Of(graph, classes, maker) is not null
                || (maker.OpType is not "Add" && TiedPassage.Of(graph, classes, maker) is not null
                    && graph.ProducerOf(maker.Inputs[0]) is { } before && IsFree(maker.Inputs[0], before)));
    }

    /// <summary>Puts a multiplication by ones before each of some products.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="products">The products, by their first output.</param>
    /// <returns>The network, and for each product the value that it reads now.</returns>
    public static (Graph Graph, ImmutableSortedDictionary<string, string> ReadBy) Insert(Graph graph, IEnumerable<string> products)
    {
        var readBy = ImmutableSortedDictionary.CreateBuilder<string, string>(StringComparer.Ordinal);
        var classes = new ChannelClasses(graph);
        var rewrite = new GraphRewrite(graph);
        var values = new List<Value>();
        foreach (var product in products)
        {
            var node = graph.ProducerOf(product)!;
            var shape = graph.Find(node.Inputs[0])!.Shape!.Value;
            var (axis, channels) = classes.AxisOf(node.Inputs[0])!.Value;
            var ones = rewrite.AddInitializer(node.Name + Suffix + ".factors",
                ChannelConstant.ToTensor([.. Enumerable.Repeat(1f, channels)], shape.Rank, axis));
            var divided = rewrite.FreeName(product + "_divided");
            rewrite.InsertBefore(node, new Node(node.Name + Suffix, "Mul", [node.Inputs[0], ones], [divided]));
            rewrite.Replace(node, node with { Inputs = node.Inputs.SetItem(0, divided) });
            values.Add(new Value(divided, ElementType.Float32, shape));
            readBy.Add(product, divided);
        }
        return (rewrite.Finish(values), readBy.ToImmutable());
    }

    // After a product's name.
    private const string Suffix = ".divided";
}
