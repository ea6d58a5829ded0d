using Caliper.Statistics;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Tests.Statistics;

public class TensorStatisticsTests
{
    private static readonly Gen<float> Any = Gen.OneOf(
        Gen.Float.Where(float.IsFinite), Gen.Float[-3, 3], Gen.Const(0f), Gen.Const(-0f), Gen.Const(1e-44f),
        Gen.Const(float.NaN), Gen.Const(float.PositiveInfinity), Gen.Const(float.NegativeInfinity));

    /// <summary>Every length from none to four vectors and one element.</summary>
    public static TheoryData<int> Lengths() => [.. Enumerable.Range(0, 66)];

    [Theory, MemberData(nameof(Lengths))]
    public void Vectors_find_what_one_value_after_the_other_gives_and_read_nothing_else(int length) => Any.Array[length].Sample(values =>
    {
        using var memory = GuardedMemory<float>.Of(values);
        var statistics = TensorStatistics.Of(memory.Span);
        var finite = values.Where(float.IsFinite).ToArray();
        Assert.Equal(finite.Length, statistics.Count);
        Assert.Equal(finite.Count(v => v == 0), statistics.Zeros);
        Assert.Equal(values.Count(float.IsNaN), statistics.NaNCount);
        Assert.Equal(values.Count(float.IsPositiveInfinity), statistics.PositiveInfinityCount);
        Assert.Equal(values.Count(float.IsNegativeInfinity), statistics.NegativeInfinityCount);
        Assert.Equal(finite.Length == 0 ? 0 : 1, statistics.Samples);
        if (finite.Length == 0) return;
        Assert.Equal(finite.Min() + 0f, statistics.Min);
        Assert.Equal(finite.Max() + 0f, statistics.Max);
        Assert.Equal(Array.IndexOf(values, finite.Max()), statistics.Greatest[0].Position);
        AssertBins(finite, statistics);
        AssertMoments(finite, statistics.Channels[0]);
    }, iter: 10);

    [Fact]
    public void Negative_numbers_too_small_to_keep_their_sign_lie_at_the_maximum() =>
        AssertBins([-1.157e-41f, -3.991e-40f], TensorStatistics.Of([-1.157e-41f, -3.991e-40f]));

    [Fact]
    public void Any_split_in_any_order_gives_the_same_bytes() =>
        Gen.Select(Any.Array[4, 12].Array[1, 12], Gen.Int).Sample((samples, seed) =>
        {
            var named = samples.Select((values, index) => (Name: $"sample {index}", Values: values)).ToArray();
            var whole = Observed(named);
            new Random(seed).Shuffle(named);
            var cut = new Random(seed).Next(named.Length + 1);
            var merged = TensorStatistics.Merge(Observed(named[cut..]), Observed(named[..cut]));
            return Bytes(whole).SequenceEqual(Bytes(merged));
        });

    [Fact]
    public void Each_channel_has_its_own_statistics()
    {
        // Two pieces of three channels of two: channel c holds c+1 and -(c+1) in the first piece, 10(c+1) and 0 in the second.
        float[] values = [1, -1, 2, -2, 3, -3, 10, 0, 20, 0, 30, 0];
        var statistics = new TensorStatistics();
        statistics.Observe(new SampleScan(), values, new ChannelLayout(2, 3, 2), "a");
        Assert.Equal([new(4, 1, -1, 10, 2.5, 19.25), new(4, 1, -2, 20, 5, 77), new(4, 1, -3, 30, 7.5, 173.25)], statistics.Channels);
    }

    [Fact]
    public void The_outermost_values_come_from_four_different_samples_and_know_their_places()
    {
        var statistics = Observed([.. Enumerable.Range(0, 9).Select(i => ($"s{i}", new float[] { 0, i, -2 * i, i }))]);
        Assert.Equal([new(8, "s8", 1), new(7, "s7", 1), new(6, "s6", 1), new(5, "s5", 1)], statistics.Greatest);
        Assert.Equal([new(-16, "s8", 2), new(-14, "s7", 2), new(-12, "s6", 2), new(-10, "s5", 2)], statistics.Least);
        Assert.Equal((-8, 4), (statistics.MeanOfMinima, statistics.MeanOfMaxima));
    }

    [Fact]
    public void Of_equal_extremes_the_sample_whose_name_comes_first_is_named()
    {
        var statistics = Observed([("b", [1, 5]), ("a", [5, 5]), ("c", [5, 1])]);
        Assert.Equal(["a", "b", "c"], statistics.Greatest.Select(e => e.Sample));
        Assert.Equal(0, statistics.Greatest[0].Position);
    }

    [Fact]
    public void A_scan_that_is_used_again_remembers_nothing()
    {
        var (scan, statistics) = (new SampleScan(), new TensorStatistics());
        new TensorStatistics().Observe(scan, [1e30f, -1e30f, 7, 7, float.NaN], new ChannelLayout(1, 5, 1), "first");
        statistics.Observe(scan, [1, 2, 3], new ChannelLayout(1, 1, 3), "second");
        Assert.Equal(Bytes(Observed([("second", [1, 2, 3])])), Bytes(statistics));
    }

    [Fact]
    public void Another_number_of_channels_is_an_error() => Assert.Contains("had 3 channels and now has 2", Assert.Throws<CaliperException>(() =>
    {
        var (scan, statistics) = (new SampleScan(), new TensorStatistics());
        statistics.Observe(scan, [1, 2, 3], new ChannelLayout(1, 3, 1), "a");
        statistics.Observe(scan, [1, 2], new ChannelLayout(1, 2, 1), "b");
    }).Message, StringComparison.Ordinal);

    private static TensorStatistics Observed((string Name, float[] Values)[] samples)
    {
        var (scan, statistics) = (new SampleScan(), new TensorStatistics());
        foreach (var (name, values) in samples) statistics.Observe(scan, values, new ChannelLayout(1, 1, values.Length), name);
        return statistics;
    }

    private static void AssertBins(float[] finite, TensorStatistics statistics)
    {
        var bins = statistics.Bins;
        Assert.Equal(finite.Length - statistics.Zeros, bins.Sum(b => b.Count));
        Assert.All(bins, b => Assert.True(b.Lower <= b.Upper && b.Count > 0));
        Assert.All(bins.Zip(bins.Skip(1)), pair => Assert.True(pair.First.Upper < pair.Second.Lower));
        // Numbers so small that they share zero's bin have lost their sign.
        foreach (var bin in bins.Where(b => Math.Abs(b.Upper) > 1e-39f && Math.Abs(b.Lower) > 1e-39f))
            Assert.Equal(finite.Count(v => v >= bin.Lower && v <= bin.Upper), bin.Count);
    }

    private static void AssertMoments(float[] finite, ChannelStatistics channel)
    {
        var (mean, squares) = (finite.Average(v => (double)v), finite.Average(v => (double)v * v));
        Assert.True(Math.Abs(channel.Mean - mean) <= 1e-13 * finite.Average(v => Math.Abs((double)v)) + double.Epsilon, $"{channel.Mean} {mean}");
        Assert.True(Math.Abs(channel.Variance - (squares - mean * mean)) <= 1e-12 * squares + double.Epsilon, $"{channel.Variance}");
    }

    private static byte[] Bytes(TensorStatistics statistics)
    {
        var stream = new MemoryStream();
        statistics.Write(new BinaryWriter(stream));
        return stream.ToArray();
    }
}
