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

    // Of all values so far: less one, so that zero is the greatest of all and the least is that of the others.
    private uint _leastLessOne, _greatestMagnitude;
    private Vector512<uint> _leastLessOnes, _greatestMagnitudes;

    /// <summary>The counts by value.</summary>
    public HistogramTally Tally { get; } = new();

    /// <summary>The channels of the latest tensor.</summary>
    public ReadOnlySpan<ChannelScan> Channels => _channels.AsSpan(0, ChannelCount);

    /// <summary>Number of channels of the latest tensor.</summary>
    public int ChannelCount { get; private set; }

    /// <summary>Its values that were not finite.</summary>
    public NonFinite Skipped { get; private set; }

    /// <summary>Its least magnitude above zero; +∞ where there is none.</summary>
    public float LeastMagnitude => _leastLessOne >= FirstNotFinite - 1 ? float.PositiveInfinity : BitConverter.UInt32BitsToSingle(_leastLessOne + 1);

    /// <summary>Its greatest magnitude.</summary>
    public float GreatestMagnitude => BitConverter.UInt32BitsToSingle(_greatestMagnitude);

    /// <summary>Looks at the values of one sample.</summary>
    public void Scan(ReadOnlySpan<float> values, ChannelLayout layout)
    {
        if (_channels.Length < layout.Channels) _channels = new ChannelScan[layout.Channels];
        (ChannelCount, Skipped) = (layout.Channels, default);
        (_leastLessOne, _greatestMagnitude) = (uint.MaxValue, 0);
        (_leastLessOnes, _greatestMagnitudes) = (Vector512.Create(uint.MaxValue), Vector512<uint>.Zero);
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
        for (var lane = 0; lane < Vector512<uint>.Count; lane++)
        {
            _leastLessOne = Math.Min(_leastLessOne, _leastLessOnes[lane]);
            _greatestMagnitude = Math.Max(_greatestMagnitude, _greatestMagnitudes[lane]);
        }
    }

    /// <summary>
    /// Neighbours of one channel. Where one of them is not finite, nothing is changed. In lane j of a vector is every
    /// sixteenth value from the j-th on; two vectors of doubles take a vector of floats. The tail is added value by value.
    /// </summary>
    private bool TryAddFinite(ReadOnlySpan<float> plane, ref ChannelScan channel)
    {
        var (before, least, greatest, leasts, greatests) =
            (channel, _leastLessOne, _greatestMagnitude, _leastLessOnes, _greatestMagnitudes);
        var vectors = MemoryMarshal.Cast<float, Vector512<float>>(plane);
        if (!vectors.IsEmpty) AddVectors(vectors, ref channel);
        foreach (var value in plane[(vectors.Length * Vector512<float>.Count)..])
        {
            channel.Add(value);
            Reach(value);
        }
        // The magnitudes of infinities and NaN are above all others.
        if (_greatestMagnitude < FirstNotFinite && Vector512.LessThanAll(_greatestMagnitudes, Vector512.Create(FirstNotFinite))) return true;
        (channel, _leastLessOne, _greatestMagnitude, _leastLessOnes, _greatestMagnitudes) = (before, least, greatest, leasts, greatests);
        return false;
    }

    [MethodImpl(MethodImplOptions.AggressiveOptimization)]
    private void AddVectors(ReadOnlySpan<Vector512<float>> vectors, ref ChannelScan channel)
    {
        var (min, max) = (vectors[0], vectors[0]);
        var (least, greatest) = (_leastLessOnes, _greatestMagnitudes);
        var (sumLow, sumHigh) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var (squaresLow, squaresHigh) = (Vector512<double>.Zero, Vector512<double>.Zero);
        var zeros = Vector512<int>.Zero;
        foreach (var x in vectors)
        {
            min = Vector512.MinNative(min, x);
            max = Vector512.MaxNative(max, x);
            var magnitude = Vector512.Abs(x).AsUInt32();
            least = Vector512.MinNative(least, magnitude - Vector512<uint>.One);
            greatest = Vector512.MaxNative(greatest, magnitude);
            zeros -= Vector512.Equals(x, Vector512<float>.Zero).AsInt32();
            var (low, high) = Vector512.Widen(x);
            (sumLow, sumHigh) = (sumLow + low, sumHigh + high);
            // A float's square fits a double without rounding.
            (squaresLow, squaresHigh) = (squaresLow + low * low, squaresHigh + high * high);
        }
        (_leastLessOnes, _greatestMagnitudes) = (least, greatest);
        channel.Add(Least(min), -Least(-max), Sum(sumLow + sumHigh), Sum(squaresLow + squaresHigh), Vector512.Sum(zeros),
            vectors.Length * Vector512<float>.Count);
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
        _leastLessOne = Math.Min(_leastLessOne, magnitude - 1);
        _greatestMagnitude = Math.Max(_greatestMagnitude, magnitude);
    }

    private static float Least(Vector512<float> lanes)
    {
        var eight = Vector256.MinNative(lanes.GetLower(), lanes.GetUpper());
        var four = Vector128.MinNative(eight.GetLower(), eight.GetUpper());
        return MathF.Min(MathF.Min(four[0], four[1]), MathF.Min(four[2], four[3]));
    }

    /// <summary>Lane by lane from the first on: <c>Vector512.Sum</c> may choose its order by processor.</summary>
    private static double Sum(Vector512<double> lanes)
    {
        ref var first = ref Unsafe.As<Vector512<double>, double>(ref lanes);
        var sum = first;
        for (var lane = 1; lane < Vector512<double>.Count; lane++) sum += Unsafe.Add(ref first, lane);
        return sum;
    }
}
