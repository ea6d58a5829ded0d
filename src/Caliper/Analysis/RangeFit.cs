using System.Collections.Immutable;
using Caliper.Analysis.Matching;
using Caliper.Numerics;

namespace Caliper.Analysis;

/// <summary>How the range of an int8 site fits the values it holds, against the range that just holds them all.</summary>
/// <param name="Kind">Whether the range is at fault, and how.</param>
/// <param name="Min">Least float value.</param>
/// <param name="Max">Greatest float value.</param>
/// <param name="Fitting">Scale and zero point of the range that just holds all values.</param>
/// <param name="StepRatio">Its steps against those of the fitting range.</param>
/// <param name="ClippedShare">Share of values beyond it, from 0 to 1.</param>
internal sealed record RangeFit(ErrorKind Kind, float Min, float Max, QuantizationParameters Fitting, double StepRatio, double ClippedShare)
{
    /// <summary>At fault is a range that loses so many times as much as the fitting one: 6 dB, one bit of eight.</summary>
    public const double AtFault = 4;

    /// <summary>Judges a site by the errors of its tensors.</summary>
    public static RangeFit Of(Int8Site site, ImmutableArray<TensorError> errors)
    {
        var (min, max) = (errors.Min(e => e.Min), errors.Max(e => e.Max));
        var fitting = FittingOf(site.Parameters.Type, MathF.Min(min, 0), MathF.Max(max, 0));
        var ratio = (double)site.Parameters.Scale / fitting.Scale;
        // Too narrow a range shows in what the values beyond it lose, too wide a one in its steps.
        var isClipped = errors.Max(e => e.ClippingNoise) > 0.5;
        var isNarrow = isClipped && errors.Any(e => e.RoundingNoise > AtFault * e.Values * RoundingOf(fitting));
        var isWide = !isClipped && ratio * ratio >= AtFault;
        var kind = !isNarrow && !isWide ? ErrorKind.Rounding
            : site.Tensors[0].IsInput ? ErrorKind.Input
            : isNarrow ? ErrorKind.Clipping
            : ErrorKind.WideRange;
        return new RangeFit(kind, min, max, fitting, ratio, errors.Max(e => e.ClippedShare));
    }

    /// <summary>What rounding to steps loses in the mean: a twelfth of the step's square.</summary>
    private static double RoundingOf(QuantizationParameters parameters) => (double)parameters.Scale * parameters.Scale / 12;

    private static QuantizationParameters FittingOf(QuantizedType type, float min, float max)
    {
        // All zero: any scale holds it; not a number: none does.
        var scale = max > min && float.IsFinite(max - min) ? (max - min) / (type.Max - type.Min) : 1;
        return QuantizationParameters.PerTensor(type, scale, Math.Clamp((int)MathF.Round(type.Min - min / scale), type.Min, type.Max));
    }
}
