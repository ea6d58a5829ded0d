using Caliper.Graphs;

namespace Caliper.Statistics;

/// <summary>How the channels of one sample lie in memory: <paramref name="Outer"/> times <paramref name="Channels"/> pieces
/// of <paramref name="Inner"/> neighbours.</summary>
internal readonly record struct ChannelLayout(int Outer, int Channels, int Inner)
{
    /// <summary>The layout of a tensor that holds one sample, or of one sample's part of a batch.</summary>
    /// <param name="shape">Shape of the tensor; of its first axis only one element is meant where <paramref name="axis"/> is
    /// above 0.</param>
    /// <param name="axis">Axis of the channels; null where the tensor has none.</param>
    /// <param name="elements">Elements of the sample.</param>
    public static ChannelLayout Of(Shape shape, int? axis, int elements)
    {
        if (axis is not { } channelAxis || channelAxis >= shape.Rank || elements == 0) return new(1, 1, elements);
        var (channels, inner) = ((int)shape[channelAxis].Length, 1);
        for (var i = channelAxis + 1; i < shape.Rank; i++) inner *= (int)shape[i].Length;
        return new(elements / (channels * inner), channels, inner);
    }

    /// <summary>Where channels usually are: second in images and matrices, last in sequences; null where there is no such axis.</summary>
    public static int? AxisOf(int rank) => rank switch { < 2 => null, 3 => 2, _ => 1 };
}
