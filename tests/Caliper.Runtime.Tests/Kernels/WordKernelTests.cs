using Caliper.Engine.Values;
using Caliper.Kernels.Dense;
using Caliper.Kernels.Words;
using Caliper.Testing;
using CsCheck;

namespace Caliper.Runtime.Tests.Kernels;

/// <summary>Quantizing to words and back, at every length beside a guard page.</summary>
public unsafe class WordKernelTests
{
    // Four of the longest vectors and one.
    private const int MostLength = 65;

    private static readonly float[] Ends = [float.NaN, float.PositiveInfinity, float.NegativeInfinity, float.MaxValue, -float.MaxValue, 0, -0f];

    [Fact]
    public void Every_kernel_quantizes_to_the_words_of_the_reference() =>
        Gen.Select(Gen.Int[0, MostLength], Gen.Float[1e-6f, 1e-3f], Gen.UShort, Gen.Int).Sample((count, step, zero, seed) =>
        {
            var random = new Random(seed);
            var (scale, steps) = (new WordScale(step, zero), new StepProducts(step, zero, ushort.MaxValue));
            // Halves of a step too: they are rounded to even.
            using var source = GuardedMemory<float>.Of([.. Enumerable.Range(0, count).Select(_ => random.Next(4) == 0
                ? Ends[random.Next(Ends.Length)] : (random.Next(-70_000, 70_000) + 0.5f * random.Next(2)) * step)]);
            var expected = source.Span.ToArray().Select(scale.Quantize).ToArray();
            foreach (var entry in SplitKernels.All.All.Where(e => e.WhyNot() is null))
            {
                using var high = new GuardedMemory<byte>(count);
                using var low = new GuardedMemory<byte>(count);
                fixed (float* from = source.Span) fixed (byte* upper = high.Span, lower = low.Span) entry.Run(from, count, upper, lower, steps);
                Assert.Equal(expected, high.Span.ToArray().Zip(low.Span.ToArray(), (h, l) => (ushort)(h << 8 | l)));
            }
        }, iter: 400);

    [Fact]
    public void Halves_join_to_the_floats_of_the_reference() =>
        Gen.Select(Gen.Int[0, MostLength], Gen.Float[1e-6f, 1e-3f], Gen.UShort, Gen.Int).Sample((count, step, zero, seed) =>
        {
            var random = new Random(seed);
            var scale = new WordScale(step, zero);
            var words = Enumerable.Range(0, count).Select(_ => (ushort)random.Next(ushort.MaxValue + 1)).ToArray();
            using var high = GuardedMemory<float>.Of([.. words.Select(w => (float)(w >> 8))]);
            using var low = GuardedMemory<float>.Of([.. words.Select(w => (float)(byte)w)]);
            foreach (var set in Enum.GetValues<KernelSet>())
            {
                using var destination = new GuardedMemory<float>(count);
                var join = FloatFunctionOfTwo.From(new JoinZip(zero, step)).For(set);
                fixed (float* to = destination.Span, upper = high.Span, lower = low.Span) join(upper, lower, to, count);
                Assert.Equal(words.Select(scale.Dequantize), destination.Span.ToArray());
            }
        }, iter: 400);

    [Fact]
    public void Every_kernel_brings_two_passes_together_as_the_reference() => Gen.Select(
        Gen.Int[1, 2 * MostLength], Gen.Int[1, 5], Gen.Enum<WordResult>(), Gen.Bool, Gen.Int).Sample((channels, pixels, result, fits, seed) =>
        {
            var expected = Combine(HalfSumsKernels.All.All[^1].Run, channels, pixels, result, fits, seed);
            foreach (var entry in HalfSumsKernels.All.All.Where(e => e.WhyNot() is null))
                Assert.Equal(expected, Combine(entry.Run, channels, pixels, result, fits, seed));
        }, iter: 400);

    private static byte[] Combine(HalfSumsKernel kernel, int channels, int pixels, WordResult result, bool fits, int seed)
    {
        var random = new Random(seed);
        var most = fits ? 1 << 20 : 1 << 30;
        GuardedMemory<int> Sums(int count) => GuardedMemory<int>.Of([.. Enumerable.Range(0, count).Select(_ => random.Next(-most, most))]);
        GuardedMemory<float> Floats(float around) =>
            GuardedMemory<float>.Of([.. Enumerable.Range(0, channels).Select(_ => random.NextSingle() * around)]);
        using var high = Sums(pixels * channels);
        using var low = Sums(pixels * channels);
        using var highCorrections = Sums(channels);
        using var lowCorrections = Sums(channels);
        using var multipliers = Floats(fits ? 1e-4f : 1e-7f);
        using var offsets = Floats(1000);
        var pixelBytes = channels * (result is WordResult.Floats ? sizeof(float) : 1);
        using var output = new GuardedMemory<byte>(pixels * pixelBytes);
        using var lowOutput = new GuardedMemory<byte>(result is WordResult.Words ? pixels * channels : 0);
        fixed (int* h = high.Span, l = low.Span, hc = highCorrections.Span, lc = lowCorrections.Span)
        fixed (float* m = multipliers.Span, o = offsets.Span)
        fixed (byte* y = output.Span, yl = lowOutput.Span)
        {
            kernel(new HalfSums
            {
                High = h,
                Low = l,
                Stride = channels,
                HighCorrections = hc,
                LowCorrections = lc,
                Multipliers = m,
                Offsets = o,
                Output = y,
                LowOutput = yl,
                OutputStride = pixelBytes,
                LowOutputStride = channels,
                Pixels = pixels,
                Channels = channels,
            }, new HalfSumsForm(result, result is WordResult.Words ? 30_000 : 100, seed % 2 == 0 ? 0 : 3,
                result is WordResult.Words ? 65_000 : 250, fits));
        }
        return [.. output.Span, .. lowOutput.Span];
    }
}
