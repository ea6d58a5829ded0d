using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>The statistics of one tensor, kept for two halves of the data apart, so that it can be asked how far the two
/// agree. A sample's half depends on its name alone.</summary>
public sealed class ObservedTensor
{
    private readonly TensorStatistics[] _halves;
    private TensorStatistics? _all;

    internal ObservedTensor(int? channelAxis, TensorStatistics first, TensorStatistics second) =>
        (ChannelAxis, _halves) = (channelAxis, [first, second]);

    /// <summary>The axis that the channels lie along, or null where the tensor has none.</summary>
    public int? ChannelAxis { get; }

    /// <summary>The statistics of all samples.</summary>
    public TensorStatistics All => _all ??= TensorStatistics.Merge(_halves[0], _halves[1]);

    /// <summary>The statistics of one half of the samples.</summary>
    public TensorStatistics FirstHalf => _halves[0];

    /// <summary>The statistics of the other half.</summary>
    public TensorStatistics SecondHalf => _halves[1];

    internal TensorStatistics Half(int index)
    {
        _all = null;
        return _halves[index];
    }

    internal void Add(ObservedTensor other)
    {
        _all = null;
        for (var i = 0; i < _halves.Length; i++) _halves[i].Add(other._halves[i]);
    }

    internal void Write(BinaryWriter writer)
    {
        writer.Write((sbyte)(ChannelAxis ?? -1));
        foreach (var half in _halves) half.Write(writer);
    }

    internal static ObservedTensor Read(BinaryReader reader)
    {
        var axis = reader.ReadSByte();
        return new ObservedTensor(axis < 0 ? null : axis, TensorStatistics.Read(reader), TensorStatistics.Read(reader));
    }
}
