using System.Collections.Immutable;
using Caliper.Data;
using Caliper.Execution;
using Caliper.Graphs;

namespace Caliper.Analysis.Switching;

/// <summary>A sample, or as many as the network insists on, with labels where there are some.</summary>
internal sealed record KeptSample(IReadOnlyDictionary<string, Tensor> Inputs, ImmutableArray<int>? Labels)
{
    /// <summary>A batch in pieces of so many samples.</summary>
    public static List<KeptSample> PiecesOf(Batch batch, int size) =>
    [
        .. Enumerable.Range(0, batch.Count / size).Select(piece => new KeptSample(
            batch.Inputs.ToDictionary(i => i.Key, i => Batches.Samples(i.Value, batch.Count, piece * size, size), StringComparer.Ordinal),
            batch.Labels is { } labels ? labels.Slice(piece * size, size) : null)),
    ];
}

/// <summary>
/// Keeps a few of the samples that come along, evenly spaced: data often comes class by class, and its first samples are all alike.
/// </summary>
/// <param name="length">How many samples will come; null where nobody knows, and the first are kept.</param>
/// <param name="wanted">How many to keep; null for a share of them.</param>
internal sealed class SpreadSamples(int? length, int? wanted)
{
    private const int OneIn = 64, Least = 4, Most = 32;

    // Where samples are large, as many as fit.
    private const int MostInAll = 128;
    private const long MostBytes = 256L << 20;

    private readonly int _wanted = wanted ?? Math.Clamp((length ?? 0) / OneIn, Least, Most);
    private long _offered;

    /// <summary>Those that were kept.</summary>
    public List<KeptSample> Samples { get; } = [];

    /// <summary>How many samples of these inputs can well be kept.</summary>
    public static int MostOf(IEnumerable<Value> inputs)
    {
        var bytes = inputs.Sum(i => i.Shape is { } shape ? shape.Dimensions.Aggregate(4.0, (all, d) => all * (d.IsKnown ? d.Length : 1)) : 0);
        return (int)Math.Clamp(MostBytes / Math.Max(bytes, 1), Least, MostInAll);
    }

    /// <summary>Shows some samples that belong together.</summary>
    public void Offer(KeptSample sample, int count)
    {
        // The n-th is kept where its share of the whole has begun.
        if (Samples.Count < _wanted && (length is not { } all || _offered * _wanted >= (long)Samples.Count * all)) Samples.Add(Copy(sample));
        _offered += count;
    }

    private static KeptSample Copy(KeptSample sample) =>
        sample with { Inputs = sample.Inputs.ToDictionary(s => s.Key, s => Batches.Copy(s.Value), StringComparer.Ordinal) };
}
