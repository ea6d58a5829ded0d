using System.Collections.Immutable;
using Caliper.Calibration;

namespace Caliper.Reporting.Html;

/// <summary>The range of a tensor over one batch.</summary>
/// <param name="Samples">Samples seen so far, this batch included.</param>
/// <param name="Min">Least value.</param>
/// <param name="Max">Greatest value.</param>
internal readonly record struct PathStep(int Samples, float Min, float Max)
{
    /// <summary>The range batch by batch of tensors that share a scale; batches that reached none of them are left out.</summary>
    public static ImmutableArray<PathStep> Of(CalibrationTrace? trace, ImmutableArray<string> sources)
    {
        var steps = ImmutableArray.CreateBuilder<PathStep>();
        foreach (var step in trace?.Steps ?? [])
        {
            var (min, max) = (float.PositiveInfinity, float.NegativeInfinity);
            foreach (var source in sources)
            {
                if (!step.Ranges.TryGetValue(source, out var range)) continue;
                (min, max) = (MathF.Min(min, range.Min), MathF.Max(max, range.Max));
            }
            if (float.IsFinite(min) && float.IsFinite(max) && min <= max) steps.Add(new(step.Samples, min, max));
        }
        return steps.ToImmutable();
    }
}
