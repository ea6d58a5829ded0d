using System.Collections.Immutable;
using System.Globalization;

namespace Caliper.Evaluation;

/// <summary>What an evaluation measured.</summary>
/// <param name="Samples">Number of samples seen.</param>
/// <param name="Batches">Number of forward passes.</param>
/// <param name="Acc1">Share of samples whose label has the highest score, in percent; null without labels or class
/// scores.</param>
/// <param name="Acc5">Share of samples whose label is among the five highest scores, in percent; null without labels or
/// class scores, and for a model of fewer than five classes, where it would always be 100.</param>
/// <param name="Loss">Mean loss over the samples; null without labels or criterion.</param>
public sealed record EvaluationResult(int Samples, int Batches, double? Acc1, double? Acc5, double? Loss)
{
    /// <summary>Measures of your own, by name: the values of the <see cref="IMetric"/>s that were given.</summary>
    public ImmutableSortedDictionary<string, double> Metrics { get; init; } = ImmutableSortedDictionary<string, double>.Empty;

    /// <inheritdoc/>
    public bool Equals(EvaluationResult? other) => other is not null
        && (Samples, Batches, Acc1, Acc5, Loss) == (other.Samples, other.Batches, other.Acc1, other.Acc5, other.Loss)
        && Metrics.SequenceEqual(other.Metrics);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(Samples, Batches, Acc1, Acc5, Loss);

    /// <summary>One line, such as <c>2000 samples, Acc@1 92.60, Acc@5 99.81, Loss 0.2723</c>.</summary>
    public override string ToString() => string.Create(CultureInfo.InvariantCulture, $"{Samples} samples")
        + Part("Acc@1", Acc1, "F2") + Part("Acc@5", Acc5, "F2") + Part("Loss", Loss, "F4")
        + string.Concat(Metrics.Select(m => Part(m.Key, m.Value, "G5")));

    private static string Part(string name, double? value, string format) =>
        value is { } number ? $", {name} {number.ToString(format, CultureInfo.InvariantCulture)}" : "";
}
