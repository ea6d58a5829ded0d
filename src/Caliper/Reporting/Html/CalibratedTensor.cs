using System.Collections.Immutable;
using Caliper.Numerics;
using Caliper.Ranges;
using Caliper.Statistics;

namespace Caliper.Reporting.Html;

/// <summary>What calibration saw of a tensor, or of several that share a scale.</summary>
/// <param name="Name">The layer that makes the first of them.</param>
/// <param name="Statistics">What was observed, of all of them together.</param>
/// <param name="Used">Scale and zero point that the network has.</param>
/// <param name="IsSymmetric">Whether its zero point is fixed in the middle.</param>
/// <param name="Choices">What the range methods would choose, that which is used marked.</param>
/// <param name="Path">The range batch by batch; empty where no trace was kept.</param>
internal sealed record CalibratedTensor(string Name, TensorStatistics Statistics, QuantizationParameters Used, bool IsSymmetric,
    ImmutableArray<RangeChoice> Choices, ImmutableArray<BatchRange> Path)
{
    /// <summary>The predicted error of what is used.</summary>
    public QuantizationError Error { get; } = QuantizationError.Predict(Statistics, Used);

    /// <summary>The choice with the least predicted error.</summary>
    public RangeChoice Best => Choices.MaxBy(c => c.Error.SqnrDecibels)!;
}
