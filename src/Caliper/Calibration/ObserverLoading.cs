using Caliper.Observers;
using Caliper.Observers.OnnxRuntime;
using Caliper.Preparation;
using Caliper.Ranges;

namespace Caliper.Calibration;

/// <summary>Brings observers to the state in which the forward passes that gave some statistics would have left them.</summary>
internal static class ObserverLoading
{
    public static void Load(ActivationObserver place, CalibrationStatistics statistics, CalibrationTrace? trace)
    {
        var (site, observer) = place;
        switch (observer)
        {
            case StatisticsObserver or MinMaxObserver or FixedQParamsObserver:
                var all = statistics.Of(site.Observed);
                if (all.Count == 0) break;
                if (observer is StatisticsObserver keeper) keeper.Load(all);
                else if (observer is MinMaxObserver extremes) extremes.Load(all.Min, all.Max);
                else ((FixedQParamsObserver)observer).Load();
                break;
            case MovingAverageMinMaxObserver average:
                if (trace is null)
                {
                    throw new CaliperException($"'{site.Name}': a moving average depends on the order of the batches, which statistics do not hold; "
                        + "give the trace that 'calibrate --trace' writes, or choose another observer.");
                }
                foreach (var step in trace.Batches)
                {
                    foreach (var value in site.Observed)
                        if (step.Ranges.TryGetValue(value, out var range)) average.Load(range.Min, range.Max);
                }
                break;
            case HistogramObserver or OnnxRuntimeObserver or RecordingObserver:
                throw new CaliperException($"'{site.Name}': what a {observer.Spec.Kind}Observer finds depends on the order of the batches "
                    + "and cannot be computed from statistics; choose one of "
                    + string.Join(", ", RangeMethod.All.Select(m => m.Name)) + ", or calibrate with data.");
        }
    }
}
