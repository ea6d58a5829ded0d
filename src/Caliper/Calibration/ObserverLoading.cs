using Caliper.Preparation;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Calibration;

/// <summary>Brings observers to the state in which the forward passes that gave some statistics would have left them.</summary>
internal static class ObserverLoading
{
    public static void Load(ActivationObserver place, CalibrationStatistics statistics, CalibrationTrace? trace)
    {
        var (site, observer) = place;
        var all = statistics.Of(site.Observed);
        if (all.Count == 0) return;
        if (observer.TryLoad(all, observer.NeedsBatches && trace is not null ? [.. Batches(trace, site)] : null)) return;
        throw new CaliperException($"'{site.Name}': " + (observer.NeedsBatches && trace is null
            ? $"what a {observer.Spec.Name} finds depends on the order of the batches, which statistics do not hold; "
                + "give the trace that 'calibrate --trace' writes, or choose another observer."
            : $"what a {observer.Spec.Name} finds depends on the order of the batches and cannot be computed from statistics; choose one of "
                + string.Join(", ", RangeMethod.All.Select(m => m.Name)) + ", or calibrate with data."));
    }

    private static IEnumerable<RealRange> Batches(CalibrationTrace trace, ObservationSite site) =>
        from batch in trace.Batches
        from value in site.Observed
        where batch.Ranges.ContainsKey(value)
        let range = batch.Ranges[value]
        select new RealRange(range.Min, range.Max);
}
