using Caliper.Analysis;

namespace Caliper.Tool.Reports;

/// <summary>Whether the data lie within the ranges of the int8 model.</summary>
/// <param name="Samples">Samples that were looked at.</param>
/// <param name="CalibrationSamples">Samples of the data that calibrated; null where it is not known.</param>
/// <param name="IsInside">Whether no tensor's values leave its range.</param>
/// <param name="Sites">The int8 tensors, in execution order; those that share a range once.</param>
internal sealed record RangesReport(int Samples, int? CalibrationSamples, bool IsInside, SiteRangeReport[] Sites)
{
    /// <summary>Null where nothing was looked at.</summary>
    public static RangesReport? Of(DomainReport? report) => report is null or { Sites.IsEmpty: true } ? null
        : new(report.Samples, report.CalibrationSamples, report.IsInside, [.. report.Sites.Select(s => new SiteRangeReport(
            s.Layer, s.Value, s.IsInput, s.RangeMin, s.RangeMax, s.Min, s.Max, 100 * s.Share, 100 * s.CalibrationShare, s.IsOutside))]);
}

/// <summary>How many values of an int8 tensor lie beyond its range.</summary>
/// <param name="Min">Least value.</param>
/// <param name="Max">Greatest value.</param>
/// <param name="ClippedPercent">Share of the values beyond the range.</param>
/// <param name="CalibrationClippedPercent">The same of the data that calibrated; null where it is not known.</param>
/// <param name="IsOutside">Whether more than chance and one odd sample takes values out of the range.</param>
internal sealed record SiteRangeReport(string Layer, string Value, bool IsInput, float RangeMin, float RangeMax, float Min, float Max,
    double ClippedPercent, double? CalibrationClippedPercent, bool IsOutside);
