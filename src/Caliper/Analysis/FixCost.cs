using Caliper.Analysis.Switching;
using Caliper.Conversion;

namespace Caliper.Analysis;

/// <summary>
/// What keeping layers float costs in time: two int8 networks, of which one has those layers float, take turns on one thread. Their scales are
/// those of a single sample, for no time depends on them.
/// </summary>
internal sealed class FixCost(FusedModel reference, Exclusion exclusion, KeptSample sample, QuantizedModel candidate, TimeProvider clock) : IDisposable
{
    private const int Warmup = 3, LeastTurns = 10;

    private static readonly TimeSpan Long = TimeSpan.FromMilliseconds(400);

    private readonly QuantizedModel _now = Int8(reference, exclusion.Mapping, sample, candidate);

    /// <summary>How many times as long a run takes with further layers float; null where the clock stands still.</summary>
    public double? Of(IEnumerable<string> layers, CancellationToken cancellationToken)
    {
        using var then = Int8(reference, exclusion.With(layers), sample, candidate);
        for (var run = 0; run < Warmup; run++) _ = (Once(_now), Once(then));
        var (least, leastThen) = (TimeSpan.MaxValue, TimeSpan.MaxValue);
        var start = clock.GetTimestamp();
        for (var turn = 0; turn < LeastTurns || (clock.GetElapsedTime(start) < Long && clock.GetElapsedTime(start) > TimeSpan.Zero); turn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            // The first run of a turn finds the caches as the other one left them: the shortest is that of neither.
            least = Shorter(least, Once(_now));
            leastThen = Shorter(leastThen, Once(then));
        }
        return least > TimeSpan.Zero ? leastThen / least : null;
    }

    public void Dispose() => _now.Dispose();

    private TimeSpan Once(QuantizedModel model)
    {
        var before = clock.GetTimestamp();
        model.Run(sample.Inputs.ToDictionary(i => i.Key.Length == 0 ? reference.Inputs[0].Name : i.Key, i => i.Value, StringComparer.Ordinal));
        return clock.GetElapsedTime(before);
    }

    private static TimeSpan Shorter(TimeSpan one, TimeSpan other) => one < other ? one : other;

    private static QuantizedModel Int8(FusedModel reference, QConfigMapping mapping, KeptSample sample, QuantizedModel candidate)
    {
        using var prepared = reference.Prepare(mapping);
        prepared.Run(sample.Inputs.ToDictionary(i => i.Key.Length == 0 ? reference.Inputs[0].Name : i.Key, i => i.Value, StringComparer.Ordinal));
        using var converted = prepared.Convert(new ConvertOptions { AllowUnobserved = true });
        return new QuantizedModel(converted.Model, [], candidate.Execution with { Threads = 1 });
    }
}
