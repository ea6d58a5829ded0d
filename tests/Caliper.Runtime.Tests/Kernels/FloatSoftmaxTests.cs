using Caliper.Kernels.Dense;
using Caliper.Testing;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Softmax of rows: the same bits in vectors of any width, beside guard pages, whole and in pieces.</summary>
public unsafe class FloatSoftmaxTests
{
    private const int Rows = 5;

    public static TheoryData<KernelSet> Sets => [.. Enum.GetValues<KernelSet>()];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Rows_of_every_length_are_those_of_plain_code(KernelSet set)
    {
        for (var length = 1; length <= 83; length++)
        {
            var x = Numbers(Rows * length, length);
            var kernel = FloatSoftmax.Of(Rows, length, 1, isLog: false);
            var expected = Run(kernel, x, KernelSet.Portable, Rows);
            AssertBits(expected, Run(kernel, x, set, Rows));
            AssertBits(expected, Run(kernel, x, set, 2));
            for (var row = 0; row < Rows; row++) AssertIsSoftmax(x.AsSpan(row * length, length), expected.AsSpan(row * length, length));
        }
    }

    [Theory]
    [MemberData(nameof(Sets))]
    public void What_is_no_number_or_infinite_makes_its_row_none(KernelSet set)
    {
        foreach (var bad in new[] { float.NaN, float.PositiveInfinity })
        {
            for (var place = 0; place < 37; place++)
            {
                var x = Numbers(2 * 37, place);
                x[place] = bad;
                var y = Run(FloatSoftmax.Of(2, 37, 1, isLog: false), x, set, 2);
                Assert.All(y[..37], value => Assert.True(float.IsNaN(value)));
                Assert.All(y[37..], value => Assert.InRange(value, 0, 1));
            }
        }
    }

    private static void AssertIsSoftmax(ReadOnlySpan<float> x, ReadOnlySpan<float> y)
    {
        double max = float.NegativeInfinity, sum = 0;
        foreach (var value in x) max = Math.Max(max, value);
        foreach (var value in x) sum += Math.Exp(value - max);
        for (var i = 0; i < x.Length; i++) Assert.Equal(Math.Exp(x[i] - max) / sum, y[i], Tolerances.FloatSoftmax);
    }

    /// <summary>Scores, some of which a mask takes away.</summary>
    private static float[] Numbers(int count, int seed)
    {
        var random = new Random(seed);
        float[] masks = [-10_000, float.MinValue, -90, float.NegativeInfinity];
        var numbers = Enumerable.Range(0, count).Select(_ => random.NextSingle() * 20 - 10).ToArray();
        for (var i = 0; i < count; i++) if (random.Next(8) == 0 && i % 3 != 0) numbers[i] = masks[random.Next(masks.Length)];
        return numbers;
    }

    private static float[] Run(DenseKernel kernel, float[] x, KernelSet set, int piece)
    {
        using var input = GuardedMemory<float>.Of(x);
        using var output = new GuardedMemory<float>(x.Length);
        fixed (float* from = input.Span, to = output.Span)
            for (var start = 0; start < kernel.Count; start += piece) kernel.Pieces!(&from, to, set, start, Math.Min(start + piece, kernel.Count));
        return output.Span.ToArray();
    }

    private static void AssertBits(float[] expected, float[] actual)
    {
        for (var i = 0; i < expected.Length; i++)
            Assert.True(BitConverter.SingleToInt32Bits(expected[i]) == BitConverter.SingleToInt32Bits(actual[i])
                || float.IsNaN(expected[i]) && float.IsNaN(actual[i]), $"{expected[i]:R} is not {actual[i]:R}");
    }
}
