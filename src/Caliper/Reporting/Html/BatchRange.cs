using System.Collections.Immutable;
using Caliper.Calibration;

namespace Caliper.Reporting.Html;

/// <summary>The range of a tensor over one batch.</summary>
/// <param name="Samples">Samples seen so far, this batch included.</param>
/// <param name="Min">Least value.</param>
/// <param name="Max">Greatest value.</param>
internal readonly record struct BatchRange(int Samples, float Min, float Max)
{
    /// <summary>The range batch by batch of tensors that share a scale; batches that reached none of them are left out.</summary>
    public static ImmutableArray<BatchRange> Of(CalibrationTrace? trace, ImmutableArray<string> sources)
    {
        var ranges = ImmutableArray.CreateBuilder<BatchRange>();
        foreach (var batch in trace?.Batches ?? [])
        {
            var (min, max) = (float.PositiveInfinity, float.NegativeInfinity);
            foreach (var source in sources)
            {
                if (!batch.Ranges.TryGetValue(source, out var range)) continue;
                (min, max) = (MathF.Min(min, range.Min), MathF.Max(max, range.Max));
            }
            if (float.IsFinite(min) && float.IsFinite(max) && min <= max) ranges.Add(new(batch.Samples, min, max));
        }
        return ranges.ToImmutable();
    }
}
