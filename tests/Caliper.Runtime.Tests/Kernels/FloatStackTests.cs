using Caliper.Kernels.Dense;
using Caliper.Testing;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Products of small matrices of floats: the same bits from every kernel set, beside guard pages, whole and in pieces.</summary>
public unsafe class FloatStackTests
{
    public static TheoryData<KernelSet> Sets => [.. Enum.GetValues<KernelSet>()];

    [Theory]
    [MemberData(nameof(Sets))]
    public void Products_of_every_size_are_one_product_after_the_other(KernelSet set)
    {
        for (var columns = 1; columns <= 67; columns++) Check(set, 2, 1 + columns % 14, columns % 9, columns);
        for (var rows = 1; rows <= 20; rows++) Check(set, 1, rows, 7, 45);
        Check(set, 2, 131, 200, 33);
        Check(set, 1, 5, 300, 300);
    }

    private static void Check(KernelSet set, int matrices, int rows, int inner, int columns)
    {
        var stack = new FloatStack(
            [.. Enumerable.Range(0, matrices).Select(m => m * rows * inner)], new int[matrices], rows, inner, columns);
        var random = new Random(rows + 100 * columns);
        using var a = Numbers(random, matrices * rows * inner);
        using var b = Numbers(random, inner * columns);
        using var y = new GuardedMemory<float>(matrices * rows * columns);
        var kernel = stack.Kernel();
        fixed (float* pa = a.Span, pb = b.Span, py = y.Span)
        {
            var inputs = stackalloc float*[] { pa, pb };
            foreach (var piece in new[] { 1, 2, kernel.Count })
            {
                y.Span.Fill(float.NaN);
                if (kernel.Pieces is not { } pieces) kernel.Run(inputs, py, set);
                else for (var start = 0; start < kernel.Count; start += piece) pieces(inputs, py, set, start, Math.Min(start + piece, kernel.Count));
                for (var i = 0; i < y.Span.Length; i++)
                {
                    var expected = Definition(a.Span, b.Span, i, inner, columns);
                    Assert.Equal(BitConverter.SingleToInt32Bits(expected), BitConverter.SingleToInt32Bits(py[i]));
                }
            }
        }
    }

    private static float Definition(ReadOnlySpan<float> a, ReadOnlySpan<float> b, int index, int inner, int columns)
    {
        var sum = 0f;
        for (var k = 0; k < inner; k++) sum = MathF.FusedMultiplyAdd(a[index / columns * inner + k], b[k * columns + index % columns], sum);
        return sum;
    }

    private static GuardedMemory<float> Numbers(Random random, int count) =>
        GuardedMemory<float>.Of([.. Enumerable.Range(0, count).Select(_ => random.NextSingle() * 2 - 1)]);
}
