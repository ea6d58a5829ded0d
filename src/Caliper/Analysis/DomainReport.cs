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
        var named = string.Join("; ", outside.Take(most).Select(s => string.Create(invariant,
            $"{(s.IsInput ? "input " : "")}'{VisibleText.Of(s.Value)}': {Percent(s.Share)} of the values lie beyond {s.RangeMin:G3} to {s.RangeMax:G3} "
            + $"({(s.CalibrationShare is { } usual ? Percent(usual) + " at calibration" : "calibration is not known")}) and reach {s.Min:G3} to {s.Max:G3}")));
        var rest = outside.Length > most ? string.Create(invariant, $"; and {outside.Length - most} more") : "";
        return string.Create(invariant, $"These {Samples:N0} samples leave the calibrated ranges in {outside.Length:N0} of {Sites.Length:N0} places: ")
            + named + rest + ". Calibrate on data like these, or see whether they are preprocessed as those were.";
    }

    /// <summary>A share above zero is never written as zero.</summary>
    private static string Percent(double share) => share is > 0 and < 0.0001 ? "< 0.01 %"
        : string.Create(CultureInfo.InvariantCulture, $"{100 * share:F2} %");
}
