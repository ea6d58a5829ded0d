using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Caliper.Statistics;

/// <summary>
/// What one tensor of one sample amounts to: each channel, and the tally of its values. A thread has one and uses it again
/// and again. Sums are taken in double in one fixed order, so that they have the same bits on every processor.
/// </summary>
internal sealed class SampleScan
{
    /// <summary>The bits of infinity.</summary>
    private const uint FirstNotFinite = 0x7F80_0000;

    private ChannelScan[] _channels = [];
    private uint _leastMagnitude, _greatestMagnitude;

    /// <summary>The counts by value.</summary>
    public HistogramTally Tally { get; } = new();

    /// <summary>The channels of the latest tensor.</summary>
    public ReadOnlySpan<ChannelScan> Channels => _channels.AsSpan(0, ChannelCount);

    /// <summary>Number of channels of the latest tensor.</summary>
    public int ChannelCount { get; private set; }

    /// <summary>Its values that were not finite.</summary>
    public NonFinite Skipped { get; private set; }

    /// <summary>Its least magnitude above zero; +∞ where there is none.</summary>
    public float LeastMagnitude => _leastMagnitude >= FirstNotFinite ? float.PositiveInfinity : BitConverter.UInt32BitsToSingle(_leastMagnitude);

    /// <summary>Its greatest magnitude.</summary>
    public float GreatestMagnitude => BitConverter.UInt32BitsToSingle(_greatestMagnitude);

    /// <summary>Looks at the values of one sample.</summary>
    public void Scan(ReadOnlySpan<float> values, ChannelLayout layout)
    {
        if (_channels.Length < layout.Channels) _channels = new ChannelScan[layout.Channels];
        (ChannelCount, Skipped) = (layout.Channels, default);
        (_leastMagnitude, _greatestMagnitude) = (uint.MaxValue, 0);
        _channels.AsSpan(0, ChannelCount).Fill(new ChannelScan());
        for (var piece = 0; piece < layout.Outer * layout.Channels; piece++)
        {
            // Piece by piece, so that the second look at one finds it in the processor's cache.
            var plane = values.Slice(piece * layout.Inner, layout.Inner);
            ref var channel = ref _channels[piece % layout.Channels];
            if (TryAddFinite(plane, ref channel)) Tally.Count(plane);
            else AddAny(plane, ref channel);
        }
        foreach (ref var channel in _channels.AsSpan(0, ChannelCount)) channel.NormalizeZero();
    }

    /// <summary>
    /// Neighbours of one channel. Where one of them is not finite, nothing is changed. In lane j of a vector is every
    /// sixteenth value from the j-th on; two vectors of doubles take a vector of floats. The tail is added value by value.
    /// </summary>
    private bool TryAddFinite(ReadOnlySpan<float> plane, ref ChannelScan channel)
    {
        var (before, least, greatest) = (channel, _leastMagnitude, _greatestMagnitude);
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(plane);
        if (!vectors.IsEmpty) AddVectors(vectors, ref channel);
        foreach (var value in plane[(vectors.Length * Vector512<float>.Count)..])
        {
            channel.Add(value);
            Reach(value);
        }
        // The magnitudes of infinities and NaN are above all others.
        if (_greatestMagnitude < FirstNotFinite) return true;
        (channel, _leastMagnitude, _greatestMagnitude) = (before, least, greatest);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddVectors(ReadOnlySpan<Vector512<float>> vectors, ref ChannelScan channel)
    {
        var (min, max) = (vectors[0], vectors[0]);
        var (least, greatest) = (Vector512.Create(uint.MaxValue), Vector512<uint>.Zero);
        var (sumLow, sumHigh) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var (squaresLow, squaresHigh) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var zeros = Vector512<int>.Zero;
        foreach (var x in vectors)
        {
            min = Vector512.MinNative(min, x);
            max = Vector512.MaxNative(max, x);
            // Minus one makes zero the greatest of all, so that the least is that of the others.
            var magnitude = Vector512.Abs(x).AsUInt32();
            least = Vector512.MinNative(least, magnitude - Vector512<uint>.One);
            greatest = Vector512.MaxNative(greatest, magnitude);
            zeros -= Vector512.Equals(x, Vector512<float>.Zero).AsInt32();
            var (low, high) = Vector512.Widen(x);
            (sumLow, sumHigh) = (sumLow + low, sumHigh + high);
            // A float's square fits a double without rounding.
            (squaresLow, squaresHigh) = (squaresLow + low * low, squaresHigh + high * high);
        }
        channel.Add(Least(min), -Least(-max), Sum(sumLow + sumHigh), Sum(squaresLow + squaresHigh), Vector512.Sum(zeros),
            vectors.Length * Vector512<float>.Count);
        for (var lane = 0; lane < Vector512<uint>.Count; lane++)
        {
            _leastMagnitude = Math.Min(_leastMagnitude, least[lane] == uint.MaxValue ? uint.MaxValue : least[lane] + 1);
            _greatestMagnitude = Math.Max(_greatestMagnitude, greatest[lane]);
        }
    }

    private void AddAny(ReadOnlySpan<float> plane, ref ChannelScan channel)
    {
        var skipped = Skipped;
        foreach (var value in plane)
        {
            if (float.IsFinite(value))
            {
                channel.Add(value);
                Reach(value);
            }
            else skipped.Add(value);
        }
        Tally.CountFinite(plane);
        Skipped = skipped;
    }

    private void Reach(float value)
    {
        var magnitude = BitConverter.SingleToUInt32Bits(MathF.Abs(value));
        if (magnitude > 0) _leastMagnitude = Math.Min(_leastMagnitude, magnitude);
        _greatestMagnitude = Math.Max(_greatestMagnitude, magnitude);
    }

    private static float Least(Vector512<float> lanes)
    {
        var least = lanes[0];
        for (var lane = 1; lane < Vector512<float>.Count; lane++) least = MathF.Min(least, lanes[lane]);
        return least;
    }

    /// <summary>Lane by lane from the first on: <c>Vector512.Sum</c> may choose its order by processor.</summary>
    private static double Sum(Vector512<double> lanes)
    {
        var sum = lanes[0];
        for (var lane = 1; lane < Vector512<double>.Count; lane++) sum += lanes[lane];
        return sum;
    }
}
