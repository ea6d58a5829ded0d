using System.Collections.Immutable;
using System.Globalization;

namespace Caliper.Analysis;

/// <summary>Whether new data lie within the ranges of an int8 network.</summary>
/// <param name="Samples">Samples of the new data.</param>
/// <param name="CalibrationSamples">Samples of the data that calibrated; null where it is not known.</param>
/// <param name="Sites">The int8 tensors, in execution order; those that share a range once.</param>
public sealed record DomainReport(int Samples, int? CalibrationSamples, ImmutableArray<SiteDomain> Sites)
{
    /// <summary>The tensors whose values leave their ranges: inputs first, for what follows is often their consequence, then by share.</summary>
    public ImmutableArray<SiteDomain> Outside =>
        [.. Sites.Where(s => s.IsOutside).OrderByDescending(s => s.IsInput).ThenByDescending(s => s.Share)];

    /// <summary>Whether no tensor's do.</summary>
    public bool IsInside => !Sites.Any(s => s.IsOutside);

    /// <summary>The alarm in words: which tensors leave their ranges, the worst first, and how far; null where none does.</summary>
    /// <param name="most">How many tensors are named.</param>
    public string? Tell(int most = 3)
    {
        if (IsInside) return null;
        var (outside, invariant) = (Outside, CultureInfo.InvariantCulture);
        var named = string.Join("; ", outside.Take(most).Select(Tell));
        var rest = outside.Length > most ? string.Create(invariant, $"; and {outside.Length - most} more") : "";
        return string.Create(invariant, $"These {Samples:N0} samples leave the calibrated ranges in {outside.Length:N0} of {Sites.Length:N0} ")
            + "places: " + named + rest + ". Calibrate on data like these, or see whether they are preprocessed as those were.";
    }

    private static string Tell(SiteDomain site)
    {
        var usual = site.CalibrationShare is { } share ? Percent(share) + " at calibration" : "calibration is not known";
        return string.Create(CultureInfo.InvariantCulture, $"{(site.IsInput ? "input " : "")}'{VisibleText.Of(site.Value)}': {Percent(site.Share)} ")
            + string.Create(CultureInfo.InvariantCulture, $"of the values lie beyond {site.RangeMin:G3} to {site.RangeMax:G3} ({usual}) ")
            + string.Create(CultureInfo.InvariantCulture, $"and reach {site.Min:G3} to {site.Max:G3}");
    }

    /// <summary>A share above zero is never written as zero.</summary>
    private static string Percent(double share) => share is > 0 and < 0.0001 ? "< 0.01 %"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * share:F2} %");
}
