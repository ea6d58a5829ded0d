namespace Caliper.Observers;

/// <summary>The squared error of quantizing what a histogram holds, its values taken as spread evenly over each bin.</summary>
internal static class HistogramError
{
    /// <summary>The squared error when bins <paramref name="first"/> to <paramref name="last"/> become the quantized range.</summary>
    public static float Of(ReadOnlySpan<float> counts, double binWidth, int first, int last, int levels)
    {
        var stepWidth = binWidth * (last - first + 1) / levels;
        if (stepWidth == 0) return 0;
        var (bin, step, half) = ((float)binWidth, (float)stepWidth, (float)(stepWidth / 2));
        var whole = Integral(-half, half, 1);
        var error = 0d;
        for (var i = 0; i < counts.Length; i++)
        {
            if (counts[i] == 0) continue;
            var density = counts[i] / bin;
            var begin = (i - first) * bin;
            var end = begin + bin;
            var stepOfBegin = Step(begin, step, levels);
            var stepOfEnd = Step(end, step, levels);
            // The part of the bin in its first step, the whole steps between, and the part in its last step.
            var norm = Integral(begin - (stepOfBegin + 0.5f) * step, half, density);
            norm += (stepOfEnd - stepOfBegin - 1) * (density * whole);
            norm += Integral(-half, end - (stepOfEnd * step + half), density);
            error += norm;
        }
        return (float)error;
    }

    private static float Step(float position, float step, int levels) =>
        (float)Math.Clamp(Math.Floor((double)position / step), 0, levels - 1);

    private static float Integral(float begin, float end, float density) =>
        density * ((end * end * end - begin * begin * begin) / 3);
}
