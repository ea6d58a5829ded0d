using Caliper.Numerics;
using Caliper.Statistics;

namespace Caliper.Ranges;

/// <summary>
/// For each tensor the method with the least predicted error; of methods whose errors differ by no more than the prediction
/// is good for, the simplest.
/// </summary>
public sealed record AutoRange : RangeMethod
{
    /// <summary>Errors that differ by less are equal: 1 % is 0.04 dB.</summary>
    private const double Tie = 1.01;

    /// <inheritdoc/>
    public override string Name => "auto";

    /// <inheritdoc/>
    internal override int Complexity => 7;

    /// <inheritdoc/>
    public override string Summary => "For each tensor the simplest method that is about as good as the best.";

    /// <inheritdoc/>
    public override string Remark =>
        "It chooses among minmax, mean-extremes, percentile and mse by their predicted error; the one that it chose stands beside it in parentheses.";

    /// <summary>The method that <see cref="RangeMethod.Choose"/> uses for a tensor.</summary>
    /// <param name="statistics">The tensor.</param>
    /// <param name="type">The integers.</param>
    /// <param name="symmetric">Whether the zero point is fixed in the middle.</param>
    public RangeMethod MethodFor(TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        ArgumentNullException.ThrowIfNull(statistics);
        // Where not even the whole range has a scale, there is nothing to compare.
        if (!float.IsFinite((float)QuantizedWindow.ScaleOf(statistics.Min, statistics.Max, type, symmetric))) return MinMax;
        // Entropy, lp and sqnr minimize something else: none can have a lower error than mse, and none is simpler.
        RangeMethod[] candidates = [MinMax, MeanExtremes, Percentile, Mse];
        var errors = candidates.Select(method => ErrorOf(method, statistics, type, symmetric)).ToArray();
        // The whole range has an error that is a number; one that is none is no candidate.
        var least = errors.Where(e => !double.IsNaN(e)).DefaultIfEmpty(double.PositiveInfinity).Min();
        return candidates[Math.Max(0, Array.FindIndex(errors, error => error <= least * Tie))];
    }

    /// <inheritdoc/>
    protected override RealRange ChooseRange(TensorStatistics statistics, QuantizedType type, bool symmetric) =>
        MethodFor(statistics, type, symmetric).Choose(statistics, type, symmetric);

    private static double ErrorOf(RangeMethod method, TensorStatistics statistics, QuantizedType type, bool symmetric)
    {
        var (min, max) = method.Choose(statistics, type, symmetric);
        return QuantizationError.Predict(statistics, RangeRule.PerTensor(type, symmetric).Calculate((min, max))).Noise;
    }
}

public abstract partial record RangeMethod
{
    /// <summary>The simplest of those that are about as good as the best.</summary>
    public static RangeMethod Auto { get; } = new AutoRange();
}
