using System.Collections.Immutable;

namespace Caliper.Statistics;

/// <summary>An outermost value and where it came from.</summary>
/// <param name="Value">The value.</param>
/// <param name="Sample">Name of the sample.</param>
/// <param name="Position">Index of the element within the sample's part of the tensor, in row-major order.</param>
public readonly record struct Extreme(float Value, string Sample, long Position);

/// <summary>
/// The outermost values of one end of a tensor, at most one per sample: more than one, so that it can be said what the range
/// would be without a sample. Of equal values the one whose sample's name comes first counts, so that order does not matter.
/// </summary>
internal sealed class Extremes(int sign)
{
    /// <summary>How many are kept.</summary>
    public const int Capacity = 4;

    private readonly List<Extreme> _outermost = new(Capacity + 1);

    /// <summary>From the outermost inwards.</summary>
    public ImmutableArray<Extreme> Outermost => [.. _outermost];

    /// <summary>Whether a value of that sample would be kept.</summary>
    public bool Wants(float value, string sample) =>
        _outermost.Count < Capacity || Compare(new Extreme(value, sample, 0), _outermost[^1]) < 0;

    /// <summary>Keeps a value if it is one of the outermost.</summary>
    public void Add(Extreme candidate)
    {
        var same = _outermost.FindIndex(e => e.Sample == candidate.Sample);
        if (same >= 0)
        {
            if (Compare(candidate, _outermost[same]) >= 0) return;
            _outermost.RemoveAt(same);
        }
        var index = _outermost.FindIndex(e => Compare(candidate, e) < 0);
        _outermost.Insert(index < 0 ? _outermost.Count : index, candidate);
        if (_outermost.Count > Capacity) _outermost.RemoveAt(Capacity);
    }

    /// <summary>Takes in another tensor's.</summary>
    public void Add(Extremes other)
    {
        foreach (var extreme in other._outermost) Add(extreme);
    }

    /// <summary>Writes the values and their places.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write((byte)_outermost.Count);
        foreach (var extreme in _outermost)
        {
            writer.Write(extreme.Value);
            writer.Write(extreme.Sample);
            writer.Write7BitEncodedInt64(extreme.Position);
        }
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no such list.</exception>
    public static Extremes Read(BinaryReader reader, int sign)
    {
        var extremes = new Extremes(sign);
        var count = reader.ReadByte();
        for (var i = 0; i < count; i++)
        {
            var extreme = new Extreme(reader.ReadSingle(), reader.ReadString(), Number.Read(reader));
            if (i >= Capacity || !float.IsFinite(extreme.Value) || (i > 0 && extremes.Compare(extremes._outermost[^1], extreme) >= 0))
                throw new InvalidDataException("a tensor's outermost values are out of order");
            extremes._outermost.Add(extreme);
        }
        return extremes;
    }

    /// <summary>Negative where <paramref name="a"/> is further out.</summary>
    private int Compare(Extreme a, Extreme b)
    {
        var byValue = sign * b.Value.CompareTo(a.Value);
        if (byValue != 0) return byValue;
        var bySample = string.CompareOrdinal(a.Sample, b.Sample);
        return bySample != 0 ? bySample : a.Position.CompareTo(b.Position);
    }
}
