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
/// <param name="length">How many samples will come; null where nobody knows.</param>
/// <param name="wanted">How many to keep; null for a share of them.</param>
internal sealed class SpreadSamples(int? length, int? wanted)
{
    private const int OneIn = 64, Least = 4, Most = 32;

    // Where samples are large, as many as fit.
    private const int MostInAll = 128;
    private const long MostBytes = 256L << 20;

    private readonly List<KeptSample> _kept = [];
    private long _offered, _pieces, _stride = 1;

    /// <summary>Those that were kept.</summary>
    public List<KeptSample> Samples
    {
        get
        {
            var count = Math.Min(WantedOf(length ?? _offered), _kept.Count);
            return [.. Enumerable.Range(0, count).Select(i => _kept[(int)((long)i * _kept.Count / count)])];
        }
    }

    /// <summary>How many samples of these inputs can well be kept.</summary>
    /// <param name="inputs">The inputs.</param>
    /// <param name="isLengthKnown">Whether anybody knows how many will come: where nobody does, twice as many are held on the way.</param>
    public static int MostOf(IEnumerable<Value> inputs, bool isLengthKnown)
    {
        var bytes = inputs.Sum(i => i.Shape is { } shape ? shape.Dimensions.Aggregate(4.0, (all, d) => all * (d.IsKnown ? d.Length : 1)) : 0);
        return (int)Math.Clamp((isLengthKnown ? MostBytes : MostBytes / 2) / Math.Max(bytes, 1), Least, MostInAll);
    }

    /// <summary>Shows some samples that belong together.</summary>
    public void Offer(KeptSample sample, int count)
    {
        if (length is { } all) OfferOf(all, sample);
        else OfferOfMany(sample);
        _offered += count;
    }

    // The n-th is kept where its share of the whole has begun.
    private void OfferOf(int all, KeptSample sample)
    {
        var wanted = WantedOf(all);
        if (_kept.Count < wanted && _offered * wanted >= (long)_kept.Count * all) _kept.Add(Copy(sample));
    }

    // Every one at first, and every second of those whenever there are twice too many: however many come, no fewer than wanted are held, at equal
    // distances. They are an even number then, so that this one is one of the second.
    private void OfferOfMany(KeptSample sample)
    {
        var most = 2 * WantedOf(long.MaxValue);
        if (most == 0 || _pieces++ % _stride != 0) return;
        if (_kept.Count == most)
        {
            var half = _kept.Where((_, i) => i % 2 == 0).ToArray();
            _kept.Clear();
            _kept.AddRange(half);
            _stride *= 2;
        }
        _kept.Add(Copy(sample));
    }

    private int WantedOf(long all) => wanted ?? (int)Math.Clamp(all / OneIn, Least, Most);

    private static KeptSample Copy(KeptSample sample) =>
        sample with { Inputs = sample.Inputs.ToDictionary(s => s.Key, s => Batches.Copy(s.Value), StringComparer.Ordinal) };
}
