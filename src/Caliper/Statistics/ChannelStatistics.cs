namespace Caliper.Statistics;

/// <summary>What the values of one channel amount to, over all samples.</summary>
/// <param name="Count">Finite values.</param>
/// <param name="Zeros">Values that are 0 or -0.</param>
/// <param name="Min">Least value; 0 where there is none.</param>
/// <param name="Max">Greatest value; 0 where there is none.</param>
/// <param name="Mean">Mean; 0 where there is no value.</param>
/// <param name="Variance">Mean squared distance from the mean; 0 where there is no value.</param>
public readonly record struct ChannelStatistics(long Count, long Zeros, float Min, float Max, double Mean, double Variance);

/// <summary>The growing statistics of one channel.</summary>
internal sealed class ChannelAccumulator
{
    private readonly ExactSum _sum;
    private readonly ExactSum _sumOfSquares;
    private long _count, _zeros;
    private float _min = float.PositiveInfinity, _max = float.NegativeInfinity;

    public ChannelAccumulator() => (_sum, _sumOfSquares) = (new ExactSum(), new ExactSum());

    private ChannelAccumulator(ExactSum sum, ExactSum sumOfSquares) => (_sum, _sumOfSquares) = (sum, sumOfSquares);

    /// <summary>The statistics so far.</summary>
    public ChannelStatistics Statistics
    {
        get
        {
            if (_count == 0) return default;
            var mean = _sum.ToDouble() / _count;
            return new(_count, _zeros, _min, _max, mean, Math.Max(0, _sumOfSquares.ToDouble() / _count - mean * mean));
        }
    }

    /// <summary>Takes in the channel's part of a sample.</summary>
    public void Add(in ChannelScan scan)
    {
        (_count, _zeros) = (_count + scan.Count, _zeros + scan.Zeros);
        (_min, _max) = (MathF.Min(_min, scan.Min), MathF.Max(_max, scan.Max));
        _sum.Add(scan.Sum);
        _sumOfSquares.Add(scan.SumOfSquares);
    }

    /// <summary>Takes in another part of the data.</summary>
    public void Add(ChannelAccumulator other)
    {
        (_count, _zeros) = (_count + other._count, _zeros + other._zeros);
        (_min, _max) = (MathF.Min(_min, other._min), MathF.Max(_max, other._max));
        _sum.Add(other._sum);
        _sumOfSquares.Add(other._sumOfSquares);
    }

    /// <summary>Writes the channel.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(_count);
        writer.Write7BitEncodedInt64(_zeros);
        writer.Write(_min);
        writer.Write(_max);
        _sum.Write(writer);
        _sumOfSquares.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no channel.</exception>
    public static ChannelAccumulator Read(BinaryReader reader)
    {
        var (count, zeros) = (Number.Read(reader), Number.Read(reader));
        var (min, max) = (reader.ReadSingle(), reader.ReadSingle());
        if (zeros > count || (count > 0 && !(float.IsFinite(min) && float.IsFinite(max) && min <= max)))
            throw new InvalidDataException("a channel contradicts itself");
        return new ChannelAccumulator(ExactSum.Read(reader), ExactSum.Read(reader)) { _count = count, _zeros = zeros, _min = min, _max = max };
    }
}
