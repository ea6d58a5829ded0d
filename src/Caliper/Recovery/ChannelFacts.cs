using Caliper.Calibration;
using Caliper.Statistics;

namespace Caliper.Recovery;

/// <summary>What calibration saw of the channels of values.</summary>
/// <param name="statistics">What was seen.</param>
/// <param name="classes">Where channels lie.</param>
/// <param name="same">Values that calibration did not know, and others that are the same.</param>
internal sealed class ChannelFacts(CalibrationStatistics statistics, ChannelClasses classes, IReadOnlyDictionary<string, string> same)
{
    private readonly Dictionary<string, ChannelStatistics[]?> _known = new(StringComparer.Ordinal);

    /// <summary>The statistics of each channel; null where the value was not observed, or its channels were not told apart.</summary>
    public ChannelStatistics[]? Of(string value)
    {
        if (_known.TryGetValue(value, out var known)) return known;
        var channels = Find(value) is { } tensor && classes.AxisOf(value) is var (axis, count)
            && tensor.ChannelAxis == axis && tensor.All.ChannelCount == count ? tensor.All.Channels.ToArray() : null;
        return _known[value] = channels is [{ Count: > 0 }, ..] ? channels : null;
    }

    /// <summary>Mean squared value of each channel; 1 where it is not known.</summary>
    public double[] PowersOf(string value, int channels) =>
        Of(value) is { } known && known.Length == channels ? Array.ConvertAll(known, Power) : [.. Enumerable.Repeat(MeanPowerOf(value), channels)];

    /// <summary>How many elements a channel of one sample has; 1 where it is not known.</summary>
    public double PositionsOf(string value) =>
        Of(value) is { } known && Find(value)!.All.Samples is > 0 and var samples ? Math.Max(1, (double)known[0].Count / samples) : 1;

    private static double Power(ChannelStatistics channel) => channel.Mean * channel.Mean + channel.Variance;

    private double MeanPowerOf(string value)
    {
        if (Find(value) is not { All.Count: > 0 } tensor) return 1;
        var channels = tensor.All.Channels;
        return channels.Sum(c => Power(c) * c.Count) / Math.Max(1, channels.Sum(c => c.Count));
    }

    private ObservedTensor? Find(string value) => statistics.Tensors.GetValueOrDefault(same.GetValueOrDefault(value, value));
}
