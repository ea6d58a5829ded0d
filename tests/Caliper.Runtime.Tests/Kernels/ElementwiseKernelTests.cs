using Caliper.Kernels;
using Caliper.Kernels.Bytes;
using Caliper.Testing;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Every entry of every table at every length around a vector's, beside guard pages, against the portable entry.</summary>
public unsafe class ElementwiseKernelTests
{
    private const int Longest = 130;

    public static TheoryData<string, string> Binary =>
        new([.. BinaryKernels.Add.All.Select(e => ("add", e.Name)), .. BinaryKernels.Multiply.All.Select(e => ("multiply", e.Name))]);

    [Theory]
    [MemberData(nameof(Binary))]
    public void Two_runs_of_bytes(string operation, string name)
    {
        var table = operation == "add" ? BinaryKernels.Add : BinaryKernels.Multiply;
        var kernel = RunnableOf(table, name);
        var factors = new BinaryFactors(0.7f, 0.9f, 3.3f, 120, 130, 10, 250);
        for (var count = 0; count <= Longest; count++)
        {
            foreach (var (stepA, stepB) in new[] { (1, 1), (0, 1), (1, 0) })
            {
                using var a = Noise(Math.Max(1, stepA * count), 1);
                using var b = Noise(Math.Max(1, stepB * count), 2);
                using var actual = new GuardedMemory<byte>(count);
                using var expected = new GuardedMemory<byte>(count);
                fixed (byte* x = a.Span, y = b.Span, to = actual.Span, reference = expected.Span)
                {
                    kernel(x, stepA, y, stepB, to, count, factors);
                    table.All[^1].Run(x, stepA, y, stepB, reference, count, factors);
                }
                Assert.Equal(expected.Span, actual.Span);
            }
        }
    }

    public static TheoryData<string> Tables => new(TableKernels.All.All.Select(e => e.Name));

    [Theory]
    [MemberData(nameof(Tables))]
    public void A_table(string name)
    {
        var kernel = RunnableOf(TableKernels.All, name);
        using var table = Noise(256, 3);
        for (var count = 0; count <= Longest; count++)
        {
            using var source = Noise(count, count);
            using var actual = new GuardedMemory<byte>(count);
            fixed (byte* from = source.Span, to = actual.Span, entries = table.Span) kernel(from, to, count, entries);
            for (var i = 0; i < count; i++) Assert.Equal(table.Span[source.Span[i]], actual.Span[i]);
            // Steps replace bytes where they are, too.
            fixed (byte* own = source.Span, entries = table.Span) kernel(own, own, count, entries);
            Assert.Equal(actual.Span, source.Span);
        }
    }

    public static TheoryData<string> MaxPools => new(PoolKernels.Max.All.Select(e => e.Name));

    [Theory]
    [MemberData(nameof(MaxPools))]
    public void A_max_pool(string name)
    {
        var kernel = RunnableOf(PoolKernels.Max, name);
        for (var channels = 1; channels <= Longest; channels++)
        {
            using var source = Noise(6 * channels, channels);
            using var actual = new GuardedMemory<byte>(channels);
            fixed (byte* from = source.Span, to = actual.Span) kernel(TapsOf(from, channels), to, channels);
            for (var c = 0; c < channels; c++)
                Assert.Equal(Enumerable.Range(0, 6).Max(tap => source.Span[tap * channels + c]), actual.Span[c]);
        }
    }

    public static TheoryData<string> AveragePools => new(PoolKernels.Average.All.Select(e => e.Name));

    [Theory]
    [MemberData(nameof(AveragePools))]
    public void An_average_pool(string name)
    {
        var kernel = RunnableOf(PoolKernels.Average, name);
        var factors = new AverageFactors(0.02f / 0.021f, 119, 131, 5, 240);
        for (var channels = 1; channels <= Longest; channels++)
        {
            using var source = Noise(6 * channels, channels);
            using var actual = new GuardedMemory<byte>(channels);
            using var expected = new GuardedMemory<byte>(channels);
            fixed (byte* from = source.Span, to = actual.Span, reference = expected.Span)
            {
                kernel(TapsOf(from, channels), 6, to, channels, factors);
                PoolKernels.Average.All[^1].Run(TapsOf(from, channels), 6, reference, channels, factors);
            }
            Assert.Equal(expected.Span, actual.Span);
        }
    }

    [Theory]
    [MemberData(nameof(AveragePools))]
    public void With_equal_scales_a_tie_goes_to_the_even_level(string name)
    {
        var kernel = RunnableOf(PoolKernels.Average, name);
        const int Channels = 64;
        using var source = Noise(4 * Channels, 3);
        var actual = new byte[Channels];
        fixed (byte* from = source.Span, to = actual)
            kernel(new Taps((nint)from, 2, 2, 2 * Channels, Channels), 4, to, Channels, new AverageFactors(1, 100, 100, 0, 255));
        for (var c = 0; c < Channels; c++)
        {
            var sum = Enumerable.Range(0, 4).Sum(tap => source.Span[tap * Channels + c] - 100);
            Assert.Equal((int)Math.Round(sum / 4m, MidpointRounding.ToEven) + 100, actual[c]);
        }
    }

    private static T RunnableOf<T>(KernelTable<T> table, string name) where T : Delegate
    {
        var entry = table.All.Single(e => e.Name == name);
        Assert.SkipWhen(entry.WhyNot() is not null, $"{name}: {entry.WhyNot()}");
        return entry.Run;
    }

    private static Taps TapsOf(byte* from, int channels) => new((nint)from, 2, 3, 3L * channels, channels);

    private static GuardedMemory<byte> Noise(int count, int seed)
    {
        var memory = new GuardedMemory<byte>(count);
        new Random(seed).NextBytes(memory.Span);
        return memory;
    }
}
