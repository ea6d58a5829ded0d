using System.Collections.Immutable;
using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>What int8 does to one layer's weights.</summary>
/// <param name="Layer">The layer.</param>
/// <param name="Parameters">Scales and zero points.</param>
/// <param name="Decibels">Signal to noise of all weights.</param>
/// <param name="ChannelDecibels">Signal to noise of each output channel; infinite for a channel that is written without error.</param>
/// <param name="ChannelMagnitudes">Greatest magnitude of each output channel's weights.</param>
public sealed record WeightError(string Layer, QuantizationParameters Parameters, double Decibels, ImmutableArray<double> ChannelDecibels,
    ImmutableArray<float> ChannelMagnitudes)
{
    /// <summary>Signal to noise at the network's first output if these weights alone were int8.</summary>
    public double? OutputDecibels { get; init; }

    /// <summary>By how much the mean loss rises if these weights alone were int8; null without labels.</summary>
    public double? LossChange { get; init; }

    /// <summary>The channel with the greatest weight; -1 where there is none.</summary>
    public int WidestChannel => ChannelMagnitudes.IsEmpty ? -1 : ChannelMagnitudes.IndexOf(ChannelMagnitudes.Max());

    /// <summary>Greatest magnitude of the median channel.</summary>
    public float UsualMagnitude => ChannelMagnitudes.Order().ElementAtOrDefault(ChannelMagnitudes.Length / 2);

    /// <summary>Whether all channels share one scale, and the widest leaves the usual one an eighth of the levels or fewer: five bits
    /// of eight.</summary>
    public bool HasOutlierChannel => Parameters.Axis is null && WidestChannel >= 0 && ChannelMagnitudes[WidestChannel] > 8 * UsualMagnitude;
}
