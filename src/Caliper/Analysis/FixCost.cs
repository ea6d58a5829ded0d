using Caliper.Analysis.Switching;
using Caliper.Conversion;

namespace Caliper.Analysis;

/// <summary>
/// What keeping layers float costs in time: two int8 networks, of which one has those layers float, take turns on one thread. Their scales are
/// those of a single sample, for no time depends on them.
/// </summary>
internal sealed class FixCost(FusedModel reference, Exclusion exclusion, KeptSample sample, QuantizedModel candidate, TimeProvider clock)
    : IDisposable
{
    private const int LeastTurns = 10, Enough = 500;

    // Code that ran thirty times is compiled anew, in the background, from a tenth of a second on.
    private static readonly TimeSpan WarmsUp = TimeSpan.FromSeconds(0.4), Long = TimeSpan.FromSeconds(1);

    private readonly QuantizedModel _now = Int8(reference, exclusion.Mapping, sample, candidate);

    /// <summary>How many times as long a run takes with further layers float; null where the clock stands still.</summary>
    public double? Of(IEnumerable<string> layers, CancellationToken cancellationToken)
    {
        using var then = Int8(reference, exclusion.With(layers), sample, candidate);
        TakeTurns(then, int.MaxValue, WarmsUp, cancellationToken);
        var (least, leastThen) = TakeTurns(then, Enough, Long, cancellationToken);
        return least > TimeSpan.Zero ? leastThen / least : null;
    }

    /// <summary>The shortest run of each: of what else the machine does, least hits that. A few turns, then so many in as long a time.</summary>
    private (TimeSpan Now, TimeSpan Then) TakeTurns(QuantizedModel then, int turns, TimeSpan most, CancellationToken cancellationToken)
    {
        var (least, leastThen, start) = (TimeSpan.MaxValue, TimeSpan.MaxValue, clock.GetTimestamp());
        for (var turn = 0; turn < LeastTurns || (turn < turns && IsWithin()); turn++)
        {
            cancellationToken.ThrowIfCancellationRequested();
            least = Shorter(least, Once(_now));
            leastThen = Shorter(leastThen, Once(then));
        }
        return (least, leastThen);

        // A clock that stands still would never reach the end.
        bool IsWithin() => clock.GetElapsedTime(start) is var passed && passed > TimeSpan.Zero && passed < most;
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
