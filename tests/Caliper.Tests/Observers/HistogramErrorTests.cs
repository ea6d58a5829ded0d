using Caliper.Observers;
using CsCheck;

namespace Caliper.Tests.Observers;

public class HistogramErrorTests
{
    [Fact]
    public void Vectors_add_up_exactly_what_one_bin_at_a_time_does() =>
        Gen.Select(Gen.Int[0, 1000].Array[2, 300], Gen.Double[1e-8, 1e8], Gen.Int[0, 299], Gen.Int[0, 299]).Sample((integers, width, a, b) =>
        {
            var counts = integers.Select(count => (float)count).ToArray();
            var (first, last) = (Math.Min(a, b) % counts.Length, Math.Max(a, b) % counts.Length);
            if (first > last) (first, last) = (last, first);
            // Scaled by a power of two, as the error is: into 1 to 2.
            width = Math.ScaleB(width, -Math.ILogB(width));
            Assert.Equal(Reference(counts, width, first, last, 256), new HistogramError(width, 256).Of(counts, first, last));
        });

    [Fact]
    public void Values_at_the_middle_of_a_step_cost_what_they_are_spread_over_their_bin()
    {
        // One bin a step: the cost of a value spread evenly over a step of width 1 is 1/12.
        Assert.Equal(12f / 12, new HistogramError(1, 256).Of([.. Enumerable.Repeat(0f, 255), 12f], 0, 255), 1e-6f);
    }

    /// <summary>The formula of <see cref="HistogramError"/>, in doubles only where a floor must be exact.</summary>
    private static float Reference(float[] counts, double binWidth, int first, int last, int levels)
    {
        var stepWidth = binWidth * (last - first + 1) / levels;
        var (bin, step, half) = ((float)binWidth, (float)stepWidth, (float)(stepWidth / 2));
        var sums = new double[4];
        for (var i = 0; i < counts.Length; i++)
        {
            var density = counts[i] / bin;
            var begin = (i - first) * bin;
            var end = begin + bin;
            var (stepOfBegin, stepOfEnd) = (StepOf(begin), StepOf(end));
            var error = density * Integral(begin - (stepOfBegin + 0.5f) * step, half);
            error += (stepOfEnd - stepOfBegin - 1) * (density * Integral(-half, half));
            error += density * Integral(-half, end - (stepOfEnd * step + half));
            sums[i < counts.Length / 4 * 4 ? i % 4 : 0] += error;
        }
        return (float)(sums[0] + sums[1] + (sums[2] + sums[3]));

        float StepOf(float position) => (float)Math.Clamp(Math.Floor((double)position / step), 0, levels - 1);

        static float Integral(float from, float to) => (to * to * to - from * from * from) / 3;
    }
}
