using Caliper.Graphs;

namespace Caliper.Recovery;

/// <summary>The passage of each operation of a network.</summary>
internal static class Passages
{
    /// <summary>All operations, in execution order.</summary>
    /// <param name="graph">The network.</param>
    /// <param name="classes">Where channels lie.</param>
    /// <param name="undone">The operations that read a value undone, by their first output.</param>
    /// <param name="isFloat">Whether an operation's constants are float, and so may change.</param>
    public static Passage[] Of(Graph graph, ChannelClasses classes, IReadOnlyDictionary<string, string> undone, Func<Node, bool> isFloat)
    {
        var free = new HashSet<string>(StringComparer.Ordinal);
        return [.. graph.Nodes.Select(node =>
        {
            var passage = One(node);
            if (passage is LinearPassage or NormPassage or ConstantPassage { IsFree: true }) free.Add(node.Output);
            return passage;
        })];

        Passage One(Node node)
        {
            if (undone.TryGetValue(node.Output, out var relieved)) return new FixedPassage(node, relieved);
            return LinearPassage.Of(graph, classes, node)
                ?? (Passage?)ConstantPassage.Of(graph, classes, node, isFloat(node))
                ?? NormPassage.Of(graph, classes, node)
                ?? OfProduct(graph, classes, node, free)
                ?? MovedPassage.Of(graph, classes, node)
                ?? (Passage?)TiedPassage.Of(graph, classes, node)
                ?? new FixedPassage(node, null);
        }
    }

    private static ProductPassage? OfProduct(Graph graph, ChannelClasses classes, Node node, HashSet<string> free)
    {
        if (!node.Is("Mul") || node.Inputs.Any(i => graph.Constant(i) is not null)) return null;
        if (classes.AxisOf(node.Output) is not { } place) return null;
        bool[] fits = [.. node.Inputs.Select(i => classes.AxisOf(i) == place)];
        if (!fits.Any(f => f)) return null;
        // A gate is a bounded function, which takes no factor; what it opens and closes does. Where the gate ends with a constant, that does.
        var scaled = !fits[0] ? 1 : !fits[1] ? 0
            : free.Contains(node.Inputs[1]) && Gate.Of(graph, node) is { Value: var v } && v == node.Inputs[0] ? 1
            : free.Contains(node.Inputs[0]) && Gate.Of(graph, node) is { Value: var w } && w == node.Inputs[1] ? 0
            : Gate.Of(graph, node) is { Value: var opened } ? (opened == node.Inputs[0] ? 0 : 1)
            : IsBounded(graph, node.Inputs[0]) ? 1 : 0;
        return new ProductPassage(node, scaled);
    }

    private static bool IsBounded(Graph graph, string value) =>
        graph.ProducerOf(value) is { OpType: "Sigmoid" or "HardSigmoid" or "Tanh" or "Softmax" or "Clip" };
}
