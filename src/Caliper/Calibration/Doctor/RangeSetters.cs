using Caliper.Statistics;

namespace Caliper.Calibration.Doctor;

/// <summary>
/// One to three samples without which most ranges would be much narrower. What the ranges would be is known, because the
/// outermost values of four samples are kept at each end of each tensor. Whether such a sample is damaged or merely rare is
/// for a person to decide.
/// </summary>
internal static class RangeSetters
{
    /// <summary>How much narrower, and in which share of tensors. Without the three worst of 32 and more images, at most 27 % of the
    /// tensors of ResNet-20, SqueezeNet and UltraFace narrow so; with one image of noise, or of doubled contrast, among 64
    /// it is 50 to 61 %.</summary>
    public const double Narrowing = 0.2, Share = 0.4;

    private const int MaxSetters = Extremes.Capacity - 1;

    /// <summary>Of so many samples one may be an outlier: among fewer, somebody has to set the ranges.</summary>
    private const int SamplesPerSetter = 16;

    public static IEnumerable<Diagnostic> Check(CalibrationStatistics statistics)
    {
        var tensors = statistics.Tensors.Values.Select(t => t.All).Where(t => Width(t, []) > 0).ToArray();
        var candidates = tensors.SelectMany(Setters).GroupBy(s => s).OrderByDescending(g => g.Count())
            .ThenBy(g => g.Key, StringComparer.Ordinal).Select(g => g.Key).Take(MaxSetters).ToArray();
        for (var count = 1; count <= Math.Min(candidates.Length, statistics.Samples.Count / SamplesPerSetter); count++)
        {
            var without = candidates[..count];
            var narrowings = tensors.Select(t => 1 - (Width(t, without) / Width(t, []))).Where(n => n > Narrowing).Order().ToArray();
            if (narrowings.Length < Share * tensors.Length) continue;
            yield return new Diagnostic("range-setters", Wording.Data,
                $"{Wording.List(without)} {(count == 1 ? "sets" : "set")} "
                + $"the ranges of {narrowings.Length} of {Wording.Count(tensors.Length, "tensor")}; "
                + $"without {(count == 1 ? "it" : "them")} these would be narrower by {Wording.Percent(narrowings[narrowings.Length / 2])} (median).",
                $"Look at {(count == 1 ? "it" : "them")}: if the network will see such data in use, take a range method that saturates outliers, "
                + $"else leave {(count == 1 ? "it" : "them")} out.");
            yield break;
        }
    }

    /// <summary>The samples that set an end of a range; zero is in every range and is nobody's.</summary>
    private static IEnumerable<string> Setters(TensorStatistics tensor)
    {
        var ends = new[] { tensor.Least[0], tensor.Greatest[0] };
        return ends.Where((end, i) => i == 0 ? end.Value < 0 : end.Value > 0).Select(e => e.Sample).Distinct();
    }

    private static double Width(TensorStatistics tensor, string[] without)
    {
        if (tensor.Samples == 0) return 0;
        var least = tensor.Least.FirstOrDefault(e => !without.Contains(e.Sample), tensor.Least[^1]);
        var greatest = tensor.Greatest.FirstOrDefault(e => !without.Contains(e.Sample), tensor.Greatest[^1]);
        return (double)Math.Max(greatest.Value, 0) - Math.Min(least.Value, 0);
    }
}
