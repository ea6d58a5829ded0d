using Caliper.Kernels.Bytes;
using Caliper.Kernels.Dense;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

public unsafe class QuantizeKernelTests
{
    private static readonly float[] Ends = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue];

    /// <summary>Planes and bytes of a pixel.</summary>
    public static TheoryData<int, int> Pixels() => new() { { 1, 1 }, { 3, 3 }, { 1, 4 }, { 2, 4 }, { 3, 4 }, { 4, 4 } };

    [Theory, MemberData(nameof(Pixels))]
    public void Every_kernel_has_the_bytes_of_the_reference_and_touches_no_other(int channels, int pixelBytes) =>
        Gen.Select(Gen.Int[1, 130], Gen.Int).Sample((pixels, seed) =>
        {
            var random = new Random(seed);
            using var source = GuardedMemory<float>.Of([.. Enumerable.Range(0, channels * pixels).Select(_ =>
                random.Next(8) == 0 ? Ends[random.Next(Ends.Length)] : random.NextSingle() * 20 - 10)]);
            var steps = new StepProducts(0.05f, random.Next(256), byte.MaxValue);
            var expected = Bytes(QuantizeKernels.All.All[^1].Run);
            foreach (var entry in QuantizeKernels.All.All.Where(e => e.WhyNot() is null)) Assert.Equal(expected, Bytes(entry.Run));

            byte[] Bytes(QuantizeKernel kernel)
            {
                // A kernel may fill up a pixel of four bytes, but not write beyond it.
                using var destination = new GuardedMemory<byte>(pixels * pixelBytes);
                fixed (float* from = source.Span) fixed (byte* to = destination.Span)
                    kernel(from, pixels, channels, pixels, to, pixelBytes, steps);
                return destination.Span.ToArray();
            }
        }, iter: 200);
}
