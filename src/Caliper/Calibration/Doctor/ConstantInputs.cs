namespace Caliper.Calibration.Doctor;

/// <summary>Samples whose every element is the same: blank pages, failed exports, padding.</summary>
internal static class ConstantInputs
{
    public static IEnumerable<Diagnostic> Check(IReadOnlyList<ObservedSample> samples)
    {
        var constant = samples.Where(s => s.IsConstant).Select(s => s.Name).ToArray();
        if (constant.Length == 0) yield break;
        yield return new Diagnostic("constant-input", Wording.Data,
            $"{constant.Length} of {Wording.Count(samples.Count, "sample")} {(constant.Length == 1 ? "holds" : "hold")} one value throughout: "
                + $"{Wording.List(constant)}.",
            "Look at them, and leave out what the network will not see in use.");
    }
}
