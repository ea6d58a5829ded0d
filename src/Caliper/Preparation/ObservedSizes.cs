using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Preparation;

/// <summary>How large the outputs of a graph are for what it is fed, as far as shapes tell.</summary>
/// <param name="graph">The graph.</param>
internal sealed class ObservedSizes(Graph graph)
{
    private readonly Dictionary<string, int> _known = new(StringComparer.Ordinal);

    /// <summary>Of a batch, how many samples fit into so much memory with all outputs; all of them where it is not known that each output has
    /// a row a sample, so that none may be cut apart.</summary>
    /// <param name="inputs">The batch, by input.</param>
    /// <param name="count">Its samples.</param>
    /// <param name="bytes">What there is room for.</param>
    public int SamplesAtOnce(IReadOnlyDictionary<string, Tensor> inputs, int count, long bytes)
    {
        var key = string.Join(';', inputs.OrderBy(i => i.Key, StringComparer.Ordinal).Select(i => $"{i.Key}{i.Value.Shape}"));
        if (_known.TryGetValue(key, out var known)) return known;
        return _known[key] = BytesOf(inputs, 1) is { } one && BytesOf(inputs, count) is not null
            ? (int)Math.Clamp(bytes / Math.Max(1, one), 1, count) : count;
    }

    /// <summary>Bytes of all outputs for so many samples, which may be more than a long can say; null where they are not known to have as many
    /// rows.</summary>
    private double? BytesOf(IReadOnlyDictionary<string, Tensor> inputs, int count)
    {
        return FedShapes.Of(graph, inputs, count) is { Outputs: var outputs } fed
            && outputs.All(o => o.Shape is { IsStatic: true, Rank: > 0 } shape && shape[0].Length == count)
            ? outputs.Sum(o => fed.BytesOf(o.Name)) : null;
    }
}
