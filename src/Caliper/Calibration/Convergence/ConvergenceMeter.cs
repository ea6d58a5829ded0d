using System.Collections.Concurrent;
using System.Collections.Immutable;
using Caliper.Execution;
using Caliper.Numerics;
using Caliper.Observers;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Calibration.Convergence;

/// <summary>
/// Tells whether more data would still change the ranges. Two halves of the samples, which statistics keep apart, each choose
/// a range; where either is as good on all samples as the range that all of them choose, the data is enough. Checkpoints on
/// the way add from when on it was.
/// </summary>
/// <param name="method">How ranges are chosen.</param>
public sealed class ConvergenceMeter(RangeMethod method)
{
    /// <summary>Below this, halves agree by chance.</summary>
    internal const int FewestSamples = 16;

    private static readonly ObserverSpec Activations = ObserverSpec.MinMax;
    private readonly List<(int Samples, IReadOnlyDictionary<string, QuantizationParameters> Chosen)> _checkpoints = [];

    /// <summary>Whether the data has grown by half since the last checkpoint, so that it is worth looking again.</summary>
    public bool IsDue(CalibrationStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        return statistics.Samples.Count >= (_checkpoints is [.., var (samples, _)] ? samples * 3 / 2 : FewestSamples);
    }

    /// <summary>Takes a checkpoint: what would be chosen now, and how settled it is.</summary>
    public ConvergenceVerdict Checkpoint(CalibrationStatistics statistics)
    {
        var verdict = Judge(statistics);
        _checkpoints.Add((verdict.Samples, verdict.Tensors.ToDictionary(t => t.Name, t => t.Parameters, StringComparer.Ordinal)));
        return verdict;
    }

    /// <summary>Judges what was observed so far.</summary>
    public ConvergenceVerdict Judge(CalibrationStatistics statistics)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        var tensors = new ConcurrentBag<TensorConvergence>();
        var observed = statistics.Tensors.Where(t => t.Value.All.Count > 0).ToArray();
        Threads.Each(observed.Length, 0, i => tensors.Add(Of(observed[i].Key, observed[i].Value)));
        var sorted = tensors.OrderByDescending(t => t.LossDecibels).ThenBy(t => t.Name, StringComparer.Ordinal).ToImmutableArray();
        return new ConvergenceVerdict(statistics.Samples.Count, StableAfter(statistics, sorted), sorted);
    }

    private TensorConvergence Of(string name, ObservedTensor tensor)
    {
        var all = Choose(tensor.All);
        // A half without a value says nothing, which is as unsettled as can be.
        if (tensor.FirstHalf.Count == 0 || tensor.SecondHalf.Count == 0)
            return new(name, all, double.PositiveInfinity, double.PositiveInfinity, double.PositiveInfinity);
        var (first, second) = (Choose(tensor.FirstHalf), Choose(tensor.SecondHalf));
        var best = SqnrOf(tensor.All, all);
        var loss = best - (SqnrOf(tensor.All, first) + SqnrOf(tensor.All, second)) / 2;
        return new(name, all, Distance(first, second), (Distance(first, all) + Distance(second, all)) / 2,
            double.IsNaN(loss) ? 0 : Math.Max(0, loss));
    }

    /// <summary>The first checkpoint from which on, judged by all samples, no range was worse than what is chosen now.</summary>
    private int? StableAfter(CalibrationStatistics statistics, ImmutableArray<TensorConvergence> now)
    {
        int? after = null;
        foreach (var (samples, chosen) in Enumerable.Reverse(_checkpoints))
        {
            var isSettled = now.All(t => chosen.TryGetValue(t.Name, out var then)
                && Loss(statistics.Tensors[t.Name].All, t.Parameters, then) <= TensorConvergence.TolerableLossDecibels);
            if (!isSettled) break;
            after = samples;
        }
        return after;
    }

    private QuantizationParameters Choose(TensorStatistics statistics)
    {
        var (min, max) = method.Choose(statistics, Activations.QuantizedType, Activations.Scheme.IsSymmetric());
        return Activations.Rule.Calculate((min, max));
    }

    private static double Loss(TensorStatistics statistics, QuantizationParameters now, QuantizationParameters then)
    {
        var loss = SqnrOf(statistics, now) - SqnrOf(statistics, then);
        return double.IsNaN(loss) ? 0 : loss;
    }

    private static double SqnrOf(TensorStatistics statistics, QuantizationParameters parameters) =>
        QuantizationError.Predict(statistics, parameters).SqnrDecibels;

    private static double Distance(QuantizationParameters a, QuantizationParameters b) => Math.Abs(Math.Log((double)a.Scale / b.Scale));
}
