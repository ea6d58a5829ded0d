namespace Caliper.Analysis;

/// <summary>Sums of squares, of which ratios of signal and noise are made.</summary>
internal static class SquareSums
{
    /// <summary>Of some values.</summary>
    public static double Of(ReadOnlySpan<float> values)
    {
        var signal = 0.0;
        foreach (var x in values) signal += (double)x * x;
        return signal;
    }

    /// <summary>Of what some values differ from others by; where they differ in number, all of those expected.</summary>
    public static double OfDifference(ReadOnlySpan<float> expected, ReadOnlySpan<float> actual)
    {
        if (expected.Length != actual.Length) return Of(expected);
        var noise = 0.0;
        for (var i = 0; i < expected.Length; i++) noise += ((double)actual[i] - expected[i]) * ((double)actual[i] - expected[i]);
        return noise;
    }
}
