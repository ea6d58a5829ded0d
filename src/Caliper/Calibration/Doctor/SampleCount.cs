namespace Caliper.Calibration.Doctor;

/// <summary>Whether there are enough different samples.</summary>
internal static class SampleCount
{
    /// <summary>With 8 to 16 images, minimum and maximum reach 70 to 81 % of the range of all (in the middle tensor of ResNet-20
    /// with 1,024 images and of SqueezeNet with 300), with 32 82 to 84 %, with 64 92 to 96 %.</summary>
    public const int Enough = 32;

    public static IEnumerable<Diagnostic> Check(CalibrationStatistics statistics)
    {
        var all = statistics.Samples.Count;
        if (all == 0)
        {
            yield return new Diagnostic("few-samples", Wording.Data, "No sample was observed.", "Calibrate with data.");
            yield break;
        }
        var different = statistics.Samples.Select(s => s.Content).Distinct().Count();
        if (different >= Enough) yield break;
        var seen = different == all ? Wording.Count(all, "sample") : $"{Wording.Count(different, "different sample")} among {Wording.Count(all)}";
        yield return new Diagnostic("few-samples", Wording.Data, $"There {(different == 1 ? "is" : "are")} only {seen}.",
            $"Give at least {Enough}, better 100 to 1,000, that are like what the network will see in use.");
    }
}
