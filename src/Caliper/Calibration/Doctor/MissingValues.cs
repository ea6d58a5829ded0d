using Caliper.Statistics;

namespace Caliper.Calibration.Doctor;

/// <summary>Tensors that no sample gave a value, and NaN or infinite values. Both spread to everything after them, so the first
/// tensor in execution order is named.</summary>
internal static class MissingValues
{
    public static IEnumerable<Diagnostic> Check(FusedModel fused, CalibrationStatistics statistics)
    {
        if (statistics.Samples.Count == 0) yield break;
        var tensors = ObservableValues.Of(fused).Where(v => statistics.Tensors.ContainsKey(v.Name))
            .Select(v => (v.Name, All: statistics.Tensors[v.Name].All)).ToArray();
        var unreached = tensors.Where(t => t.All.Samples == 0 && NonFinite(t.All) == 0).Select(t => t.Name).ToArray();
        if (unreached.Length > 0)
        {
            yield return new Diagnostic("unreached-tensor", unreached[0],
                $"{(unreached.Length == 1 ? "It" : Wording.Count(unreached.Length) + " tensors, this one first,")} "
                    + $"had no value in any of {Wording.Count(statistics.Samples.Count, "sample")}.",
                "Calibrate with data that reaches it, or leave its layers in float.");
        }
        var spoilt = tensors.Where(t => NonFinite(t.All) > 0).ToArray();
        if (spoilt.Length > 0) yield return Spoilt(spoilt[0].Name, spoilt[0].All, spoilt.Length - 1, fused, statistics);
    }

    private static Diagnostic Spoilt(string name, TensorStatistics first, int others, FusedModel fused, CalibrationStatistics statistics)
    {
        var kinds = new[] { (first.NaNCount, "NaN"), (first.PositiveInfinityCount, "+∞"), (first.NegativeInfinityCount, "-∞") }
            .Where(k => k.Item1 > 0).Select(k => $"{Wording.Count(k.Item1)} {k.Item2}").ToArray();
        var without = statistics.Samples.Count - first.Samples;
        var message = $"{Wording.List(kinds)} among {Wording.Count(first.Count + NonFinite(first), "value")}"
            + (without > 0 ? $", and no finite value in {without} of {Wording.Count(statistics.Samples.Count, "sample")}" : "")
            + (others > 0 ? $"; {Wording.Count(others, "tensor")} after it {(others == 1 ? "has" : "have")} such values too." : ".");
        return new Diagnostic("non-finite", name, message, fused.Inputs.Any(i => i.Name == name)
            ? "The data itself is damaged, or its preprocessing divides by 0; ranges ignore such values."
            : "The network overflows or divides by 0 on this data; check its preprocessing. Ranges ignore such values.");
    }

    private static long NonFinite(TensorStatistics tensor) =>
        tensor.NaNCount + tensor.PositiveInfinityCount + tensor.NegativeInfinityCount;
}
