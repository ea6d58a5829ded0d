using Caliper.Graphs;
using Caliper.Preparation;

namespace Caliper.Recovery;

/// <summary>Whether factors belong to a network, and leave what it computes as it is.</summary>
internal static class FactorCheck
{
    /// <summary>Every value that is named exists, with as many channels.</summary>
    public static void Named(Graph graph, ChannelClasses classes, ChannelFactors factors)
    {
        foreach (var (value, exponents) in factors.Exponents)
        {
            var channels = graph.Find(value) is null ? null : classes.AxisOf(value);
            if (channels is not { Channels: var count })
                throw new CaliperException($"The recipe divides the channels of '{value}', which this network does not have.");
            if (count != exponents.Length)
                throw new CaliperException($"The recipe divides {exponents.Length} channels of '{value}', which has {count}.");
        }
        foreach (var (reader, value) in factors.Undone)
        {
            if (graph.ProducerOf(reader) is not { } node || !node.Inputs.Contains(value) || !factors.Exponents.ContainsKey(value))
                throw new CaliperException($"The recipe undoes factors of '{value}' for '{reader}', which does not read it divided.");
        }
    }

    /// <summary>Every product that is to divide what it reads is one, with as many channels.</summary>
    public static void Read(Graph graph, ChannelFactors factors)
    {
        var classes = new ChannelClasses(graph);
        foreach (var (product, exponents) in factors.Reads)
        {
            if (graph.ProducerOf(product) is not { } node || LinearPassage.Of(graph, classes, node) is null)
                throw new CaliperException($"The recipe divides what '{product}' reads, which is no product with weights of its own here.");
            if (classes.AxisOf(node.Inputs[0])!.Value.Channels is var count && count != exponents.Length)
                throw new CaliperException($"The recipe divides {exponents.Length} channels of what '{product}' reads, which has {count}.");
        }
    }

    /// <summary>Channels that must be divided by the same are.</summary>
    public static void Consistent(Graph graph, ChannelClasses classes, ChannelFactors factors)
    {
        var of = new Dictionary<int, int> { [ChannelClasses.Fixed] = 0 };
        foreach (var value in graph.Inputs.Select(i => i.Name).Concat(graph.Nodes.SelectMany(n => n.Outputs)).Distinct())
        {
            factors.Exponents.TryGetValue(value, out var exponents);
            foreach (var (channel, id) in classes.Of(value).Index())
            {
                var own = exponents.IsDefault ? 0 : exponents[channel];
                if (of.TryAdd(id, own) || of[id] == own) continue;
                throw new CaliperException($"The recipe divides channel {channel} of '{value}' by 2^{own}; for the network to compute what "
                    + $"it did, that must be 2^{of[id]}.");
            }
        }
    }
}
