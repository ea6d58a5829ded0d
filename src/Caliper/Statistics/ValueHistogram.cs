using System.Collections.Immutable;

namespace Caliper.Statistics;

/// <summary>Counts of finite values by <see cref="HistogramBin"/>; those that are exactly zero are counted on their own.</summary>
internal sealed class ValueHistogram
{
    private Side _positive = new();
    private Side _negative = new();

    /// <summary>Values that are 0 or -0. They are in no bin.</summary>
    public long Zeros { get; private set; }

    /// <summary>The bins that hold something, by ascending value.</summary>
    public ImmutableArray<HistogramBin> Bins
    {
        get
        {
            var bins = ImmutableArray.CreateBuilder<HistogramBin>();
            for (var i = _negative.End - 1; i >= _negative.Start; i--)
                if (_negative[i] > 0) bins.Add(HistogramBin.Of(i + HistogramBin.Negative, _negative[i]));
            for (var i = _positive.Start; i < _positive.End; i++)
                if (_positive[i] > 0) bins.Add(HistogramBin.Of(i, _positive[i]));
            return bins.ToImmutable();
        }
    }

    /// <summary>Takes in another histogram.</summary>
    public void Add(ValueHistogram other)
    {
        Zeros += other.Zeros;
        _positive.Add(other._positive);
        _negative.Add(other._negative);
    }

    /// <summary>Takes in counts of one tensor and sets them back to zero.</summary>
    /// <param name="tally">The counts.</param>
    /// <param name="zeros">How many values were 0 or -0: what is beyond it in their bins is a tiny number.</param>
    /// <param name="least">The least magnitude above zero.</param>
    /// <param name="greatest">The greatest magnitude.</param>
    public void Take(HistogramTally tally, long zeros, float least, float greatest)
    {
        Zeros += zeros;
        var zerosTallied = tally.Take(0) + tally.Take(HistogramBin.Negative);
        if (!(least <= greatest)) return;
        int first = HistogramBin.PrefixOf(least), last = HistogramBin.PrefixOf(greatest);
        // Numbers below 2⁻¹³³ share their bin with zero, and their sign is lost: nothing can depend on it.
        if (zerosTallied > zeros) _positive.At(0) += zerosTallied - zeros;
        _positive.Take(tally, 0, Math.Max(first, 1), last);
        _negative.Take(tally, HistogramBin.Negative, Math.Max(first, 1), last);
    }

    /// <summary>Writes the counts.</summary>
    public void Write(BinaryWriter writer)
    {
        writer.Write7BitEncodedInt64(Zeros);
        _negative.Write(writer);
        _positive.Write(writer);
    }

    /// <summary>Reads what <see cref="Write"/> wrote.</summary>
    /// <exception cref="InvalidDataException">It is no such histogram.</exception>
    public static ValueHistogram Read(BinaryReader reader)
    {
        var zeros = Number.Read(reader);
        return new ValueHistogram { Zeros = zeros, _negative = Side.Read(reader), _positive = Side.Read(reader) };
    }

    /// <summary>The counts of one sign, from the first to the last magnitude seen.</summary>
    private sealed class Side
    {
        private long[] _counts = [];

        public int Start { get; private set; }

        public int End => Start + _counts.Length;

        public long this[int magnitude] => _counts[magnitude - Start];

        public ref long At(int magnitude)
        {
            Reach(magnitude, magnitude + 1);
            return ref _counts[magnitude - Start];
        }

        public void Add(Side other)
        {
            if (other._counts.Length == 0) return;
            Reach(other.Start, other.End);
            for (var i = other.Start; i < other.End; i++) _counts[i - Start] += other[i];
        }

        public void Take(HistogramTally tally, int sign, int first, int last)
        {
            (first, last) = tally.Trim(sign + first, sign + last);
            if (first > last) return;
            (first, last) = (first - sign, last - sign);
            Reach(first, last + 1);
            tally.MoveTo(_counts.AsSpan(first - Start, last - first + 1), sign + first);
        }

        public void Write(BinaryWriter writer)
        {
            // Gaps are written as a 0 and their length: most bins of most tensors hold something.
            int first = Array.FindIndex(_counts, c => c != 0), last = Array.FindLastIndex(_counts, c => c != 0);
            if (first < 0) (first, last) = (0, -1);
            writer.Write7BitEncodedInt(last - first + 1);
            if (last < first) return;
            writer.Write7BitEncodedInt(Start + first);
            for (var i = first; i <= last; i++)
            {
                writer.Write7BitEncodedInt64(_counts[i]);
                if (_counts[i] != 0) continue;
                var run = 1;
                while (_counts[i + run] == 0) run++;
                writer.Write7BitEncodedInt(run);
                i += run - 1;
            }
        }

        public static Side Read(BinaryReader reader)
        {
            var length = Number.ReadBelow(reader, HistogramBin.NotFinite + 1);
            var side = new Side();
            if (length == 0) return side;
            side.Start = Number.ReadBelow(reader, HistogramBin.NotFinite - length + 1);
            side._counts = new long[length];
            for (var i = 0; i < length; i++)
            {
                side._counts[i] = Number.Read(reader);
                if (side._counts[i] == 0) i += Number.ReadBelow(reader, length - i) - 1;
            }
            return side;
        }

        private void Reach(int start, int end)
        {
            if (_counts.Length > 0 && start >= Start && end <= End) return;
            if (_counts.Length > 0) (start, end) = (Math.Min(start, Start), Math.Max(end, End));
            var counts = new long[end - start];
            _counts.CopyTo(counts, _counts.Length > 0 ? Start - start : 0);
            (_counts, Start) = (counts, start);
        }
    }
}
