using Caliper.Calibration;
using Caliper.Statistics;

namespace Caliper.Recovery;

/// <summary>What calibration saw of the channels of values.</summary>
internal sealed class ChannelFacts(CalibrationStatistics statistics, ChannelClasses classes)
{
    private readonly Dictionary<string, ChannelStatistics[]?> _known = new(StringComparer.Ordinal);

    /// <summary>The statistics of each channel; null where the value was not observed, or its channels were not told apart.</summary>
    public ChannelStatistics[]? Of(string value)
    {
        if (_known.TryGetValue(value, out var known)) return known;
        var channels = statistics.Tensors.TryGetValue(value, out var tensor) && classes.AxisOf(value) is var (axis, count)
            && tensor.ChannelAxis == axis && tensor.All.ChannelCount == count ? tensor.All.Channels.ToArray() : null;
        return _known[value] = channels is [{ Count: > 0 }, ..] ? channels : null;
    }

    /// <summary>Mean squared value of each channel; 1 where it is not known.</summary>
    public double[] PowersOf(string value, int channels) =>
        Of(value) is { } known && known.Length == channels ? Array.ConvertAll(known, Power) : [.. Enumerable.Repeat(MeanPowerOf(value), channels)];

    /// <summary>How many elements a channel of one sample has; 1 where it is not known.</summary>
    public double PositionsOf(string value) =>
        Of(value) is { } known && statistics.Tensors[value].All.Samples is > 0 and var samples ? Math.Max(1, (double)known[0].Count / samples) : 1;

    private static double Power(ChannelStatistics channel) => channel.Mean * channel.Mean + channel.Variance;

    private double MeanPowerOf(string value)
    {
        if (!statistics.Tensors.TryGetValue(value, out var tensor) || tensor.All.Count == 0) return 1;
        var channels = tensor.All.Channels;
        return channels.Sum(c => Power(c) * c.Count) / Math.Max(1, channels.Sum(c => c.Count));
    }
}
