using System.Collections.Immutable;

namespace Caliper.Statistics;

/// <summary>
/// All that is kept of a tensor's values: enough for every way to choose a range, small, and of a fixed size. Statistics of
/// two parts of some data, put together, are those of the whole, to the last bit, however it was split and in whatever order
/// it came. What depends on order is not in here.
/// </summary>
public sealed class TensorStatistics
{
    private readonly ValueHistogram _histogram;
    private readonly ExactSum _minima, _maxima;
    private Extremes _least = new(-1), _greatest = new(1);
    private readonly Lock _taking = new();
    private ChannelAccumulator[] _channels;
    private NonFinite _skipped;

    /// <summary>Statistics of nothing.</summary>
    public TensorStatistics() : this(new ValueHistogram(), new ExactSum(), new ExactSum(), []) { }

    private TensorStatistics(ValueHistogram histogram, ExactSum minima, ExactSum maxima, ChannelAccumulator[] channels) =>
        (_histogram, _minima, _maxima, _channels) = (histogram, minima, maxima, channels);

    /// <summary>Samples that had a finite value here.</summary>
    public long Samples { get; private set; }

    /// <summary>Finite values.</summary>
    public long Count { get; private set; }

    /// <summary>Values that are exactly 0.</summary>
    public long Zeros => _histogram.Zeros;

    /// <summary>Values that were NaN, and are in no other statistic.</summary>
    public long NaNCount => _skipped.NaN;

    /// <summary>Values that were +∞, and are in no other statistic.</summary>
    public long PositiveInfinityCount => _skipped.PositiveInfinity;

    /// <summary>Values that were -∞, and are in no other statistic.</summary>
    public long NegativeInfinityCount => _skipped.NegativeInfinity;

    /// <summary>Least value; 0 before there is one.</summary>
    public float Min => Least is [var least, ..] ? least.Value : 0;

    /// <summary>Greatest value; 0 before there is one.</summary>
    public float Max => Greatest is [var greatest, ..] ? greatest.Value : 0;

    /// <summary>Mean over samples of each one's least value; NaN before there is one.</summary>
    public double MeanOfMinima => _minima.ToDouble() / Samples;

    /// <summary>Mean over samples of each one's greatest value; NaN before there is one.</summary>
    public double MeanOfMaxima => _maxima.ToDouble() / Samples;

    /// <summary>The least values and their samples, at most four, one per sample, from the outermost inwards.</summary>
    public ImmutableArray<Extreme> Least => _least.Outermost;

    /// <summary>The greatest values and their samples, at most four, one per sample, from the outermost inwards.</summary>
    public ImmutableArray<Extreme> Greatest => _greatest.Outermost;

    /// <summary>The statistics of each channel; one entry where the tensor has no channel axis.</summary>
    public ImmutableArray<ChannelStatistics> Channels => [.. _channels.Select(c => c.Statistics)];

    /// <summary>Where the values lie: the bins that hold something, by ascending value, without the exact zeros. The first and
    /// the last end at <see cref="Min"/> and <see cref="Max"/>.</summary>
    public ImmutableArray<HistogramBin> Bins
    {
        get
        {
            var (min, max) = (Min, Max);
            // Numbers too small to have kept their sign are counted above zero, where perhaps nothing is.
            return [.. _histogram.Bins.Select(b => b with { Lower = MathF.Min(MathF.Max(b.Lower, min), max), Upper = MathF.Min(b.Upper, max) })];
        }
    }

    /// <summary>Statistics of one array that is a single sample.</summary>
    /// <param name="values">The values.</param>
    public static TensorStatistics Of(ReadOnlySpan<float> values)
    {
        var statistics = new TensorStatistics();
        statistics.Observe(new SampleScan(), values, new ChannelLayout(1, 1, values.Length), "#0");
        return statistics;
    }

    /// <summary>Statistics of two parts of some data together. Neither changes.</summary>
    /// <exception cref="CaliperException">They have different numbers of channels.</exception>
    public static TensorStatistics Merge(TensorStatistics a, TensorStatistics b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        var merged = new TensorStatistics();
        merged.Add(a);
        merged.Add(b);
        return merged;
    }

    /// <summary>Number of channels; 1 where they are not told apart.</summary>
    internal int ChannelCount => _channels.Length;

    /// <summary>The same with all values in one channel.</summary>
    internal TensorStatistics WithoutChannels()
    {
        var whole = new TensorStatistics();
        whole.AddValues(this);
        whole.Require(1);
        foreach (var channel in _channels) whole._channels[0].Add(channel);
        return whole;
    }

    /// <summary>Takes in one sample's values. Several threads may, each with a scan of its own.</summary>
    /// <returns>The sample's range; null where it has no finite value.</returns>
    internal RealRange? Observe(SampleScan scan, ReadOnlySpan<float> values, ChannelLayout layout, string sample)
    {
        if (values.IsEmpty) return null;
        scan.Scan(values, layout);
        lock (_taking) return Take(scan, values, sample);
    }

    /// <summary>Takes in another part of the data.</summary>
    internal void Add(TensorStatistics other)
    {
        AddValues(other);
        if (other._channels.Length == 0) return;
        Require(other._channels.Length);
        for (var i = 0; i < _channels.Length; i++) _channels[i].Add(other._channels[i]);
    }

    /// <summary>Takes in the values of a tensor whose channels are not these, as tensors that share a scale may be.</summary>
    internal void AddValues(TensorStatistics other)
    {
        (Samples, Count) = (Samples + other.Samples, Count + other.Count);
        _skipped.Add(other._skipped);
        _histogram.Add(other._histogram);
        _minima.Add(other._minima);
        _maxima.Add(other._maxima);
        _least.Add(other._least);
        _greatest.Add(other._greatest);
    }

    internal void Write(BinaryWriter writer)
    {
        foreach (var count in (ReadOnlySpan<long>)[Samples, Count, NaNCount, PositiveInfinityCount, NegativeInfinityCount])
            writer.Write7BitEncodedInt64(count);
        _histogram.Write(writer);
        _minima.Write(writer);
        _maxima.Write(writer);
        _least.Write(writer);
        _greatest.Write(writer);
        writer.Write7BitEncodedInt(_channels.Length);
        foreach (var channel in _channels) channel.Write(writer);
    }

    internal static TensorStatistics Read(BinaryReader reader)
    {
        var (samples, count) = (Number.Read(reader), Number.Read(reader));
        var skipped = new NonFinite { NaN = Number.Read(reader), PositiveInfinity = Number.Read(reader), NegativeInfinity = Number.Read(reader) };
        var statistics = new TensorStatistics(ValueHistogram.Read(reader), ExactSum.Read(reader), ExactSum.Read(reader), [])
        {
            Samples = samples,
            Count = count,
            _skipped = skipped,
        };
        (statistics._least, statistics._greatest) = (Extremes.Read(reader, -1), Extremes.Read(reader, 1));
        // A channel takes 14 bytes or more: a number that the file cannot hold is refused before it is made room for.
        var channels = Number.ReadBelow(reader, (int)Math.Min(int.MaxValue, (reader.BaseStream.Length - reader.BaseStream.Position) / 14 + 1));
        statistics._channels = new ChannelAccumulator[channels];
        for (var i = 0; i < channels; i++) statistics._channels[i] = ChannelAccumulator.Read(reader);
        if ((samples > 0) != (statistics.Least.Length > 0) || statistics.Least.Length != statistics.Greatest.Length || (samples > 0) != (count > 0))
            throw new InvalidDataException("a tensor's statistics contradict each other");
        return statistics;
    }

    private RealRange? Take(SampleScan scan, ReadOnlySpan<float> values, string sample)
    {
        Require(scan.ChannelCount);
        var skipped = scan.Skipped;
        _skipped.Add(skipped);
        var (min, max, zeros) = (float.PositiveInfinity, float.NegativeInfinity, 0L);
        var channels = scan.Channels;
        for (var i = 0; i < channels.Length; i++)
        {
            _channels[i].Add(channels[i]);
            (min, max, zeros) = (MathF.Min(min, channels[i].Min), MathF.Max(max, channels[i].Max), zeros + channels[i].Zeros);
        }
        var finite = values.Length - skipped.Count;
        _histogram.Take(scan.Tally, zeros, scan.LeastMagnitude, scan.GreatestMagnitude);
        if (finite == 0) return null;
        Count += finite;
        Samples++;
        _minima.Add(min);
        _maxima.Add(max);
        Keep(_least, min, values, sample);
        Keep(_greatest, max, values, sample);
        return (min, max);
    }

    private static void Keep(Extremes extremes, float value, ReadOnlySpan<float> values, string sample)
    {
        if (extremes.Wants(value, sample)) extremes.Add(new Extreme(value, sample, values.IndexOf(value)));
    }

    private void Require(int channels)
    {
        if (_channels.Length == channels) return;
        if (_channels.Length > 0) throw new CaliperException($"A tensor had {_channels.Length} channels and now has {channels}.");
        _channels = new ChannelAccumulator[channels];
        for (var i = 0; i < channels; i++) _channels[i] = new ChannelAccumulator();
    }
}
